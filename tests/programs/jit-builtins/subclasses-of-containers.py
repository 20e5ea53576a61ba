# Classes that derive from containers and inherit their methods, and ones that do not.
# contract: 1 2 3 7
# expect: traces>=1
import collections
import sys


class Items(list):
    def add(self, item):
        self.append(item)
        return len(self)

    def total(self):
        total = 0
        for item in self:
            total += item
        return total


class Loud(list):
    log = 0

    def append(self, item):
        Loud.log += 1
        super().append(item)

    def __len__(self):
        return 1000

    def __iter__(self):
        return iter([1, 2])

    def __getitem__(self, index):
        return "mine"

    def __contains__(self, item):
        return item == "in"


class Table(dict):
    def bump(self, key):
        self[key] = self.get(key, 0) + 1
        return self[key]


class Missing(dict):
    def __missing__(self, key):
        return f"no {key}"


class Own(dict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value * 2)

    def __getitem__(self, key):
        return "own"

    def get(self, key, default=None):
        return "got"


class Group(set):
    pass


class Text(str):
    def shout(self):
        return self.upper() + "!"


def work(make, rounds):
    items, results = make(), 0
    for n in range(rounds):
        items.append(n)
        if len(items) > 20:
            results += items.pop()
            items.extend((n, n + 1))
            items.insert(0, n)
            items.reverse()
            del items[5:]
        results += len(items)
        if n in items:
            results += 1
        if items:
            results += 1
        for item in items:
            if isinstance(item, int):
                results += item
        value = items[0]
        results += value if isinstance(value, int) else 7
        results += items[-1] if isinstance(items[-1], int) else 7
    return results, len(items), items[:3]


print(work(list, 2000), work(Items, 2000))
print(work(Loud, 300), Loud.log)
items = Items()
print([items.add(n) for n in range(2000)][-1], items.total())


def tables(make, rounds):
    table, results = make(), 0
    for n in range(rounds):
        key = f"k{n % 7}"
        table[key] = n
        results += table[key] if isinstance(table[key], int) else 1
        results += len(table) + (key in table) + (n in table)
        table[n] = n
        got = table.get(n, 0)
        results += got if isinstance(got, int) else 2
        if n % 3 == 0:
            del table[n]
        if n % 5 == 0:
            table.pop(n, None)
            table.setdefault(n, 1)
        if table:
            results += 1
    return results, len(table), sum(1 for _ in table)


for make in (dict, Table, Missing, Own, collections.OrderedDict, collections.Counter, lambda: collections.defaultdict(int)):
    print(tables(make, 1500))
table = Table()
print([table.bump(n % 5) for n in range(2000)][-3:])


def absent(table, rounds):
    out = set()
    for n in range(rounds):
        out.add(table[n % 3])
    return sorted(map(str, out))


print(absent(Missing({1: "one"}), 2000), absent(collections.defaultdict(list, {0: 0}) and {0: 1, 1: 2, 2: 3}, 2000))
made = collections.defaultdict(int)


def count(rounds):
    for n in range(rounds):
        made[n % 10] += 1
        made[f"{n % 4}"] += 2
    return dict(made)


print(count(2000))


def groups(make, rounds):
    group, results = make(), 0
    for n in range(rounds):
        group.add(n % 50)
        if n % 3 == 0:
            group.discard((n * 7) % 50)
        results += (n in group) + len(group)
        for item in group:
            results += item
            break
    return results, sorted(group)[:3]


print(groups(set, 2000), groups(Group, 2000))


def texts(texts, rounds):
    results = 0
    for n in range(rounds):
        text = texts[n % len(texts)]
        results += text.find("b") + text.startswith("a") + len(text) + len(text.strip()) + ("b" in text)
        results += len(text.upper()) + (text[0] == "a") + (type(text.strip()) is str)
        for character in text:
            results += character == "c"
    return results


print(texts(["abc", " x "], 2000), texts([Text("abc"), Text(" x ")], 2000), Text("q").shout())


def becomes_other(rounds):
    items, total = Items([1, 2, 3]), 0
    for n in range(rounds):
        total += len(items) + items[0]
        for item in items:
            total += item
        if n == rounds // 2:
            Items.__len__ = lambda self: 100
            Items.__iter__ = lambda self: iter((50, 60))
            Items.__getitem__ = lambda self, index: 1000
    del Items.__len__, Items.__iter__, Items.__getitem__
    return total


print(becomes_other(3000))


def class_assigned(rounds):
    items, total = Items([1, 2, 3]), 0
    for n in range(rounds):
        total += len(items)
        items.append(n)
        items.pop()
        if n == rounds // 2:
            items.__class__ = Loud
    return total


print(class_assigned(2000))


class Watched:
    def __init__(self, log):
        self.log = log

    def __del__(self):
        self.log.append("died")


def deaths(rounds):
    log = []
    for n in range(rounds):
        items = Items()
        items.append(Watched(log))
        items.pop()
        log.append("popped")
        table = Table()
        table[1] = Watched(log)
        table[1] = None
        log.append("replaced")
    return log[:4], log[-4:], len(log)


print(deaths(2000))
kept = object()


def references(rounds):
    items = Items()
    for n in range(rounds):
        items.append(kept)
    return sys.getrefcount(kept), items[5] is kept


print(references(2000))


class Pair(tuple):
    pass


def contained(container, items, rounds):
    found = 0
    for n in range(rounds):
        if items[n % len(items)] in container:
            found += 1
    return found


ITEMS = [0, 7, "x", None, 49, 50, 2.0, (1, 2), int]
for make in (Items, Pair, Group, list, tuple, set):
    print(contained(make(list(range(50)) + ["x", None, (1, 2)]), ITEMS, 2000), contained(make(), ITEMS, 100), contained(make([int]), ITEMS, 900))
print(contained(Text("abc"), ["a", "d", "bc", ""], 2000), contained(Table(a=1), ["a", 1, None], 2000), contained(Loud([1]), ["in", 1], 100))
