# Keys that are equal to themselves alone, ints of classes of their own, and what makes them something else.
# contract: 1 2 3 7
# expect: traces>=1
import enum
import sys


class Plain:
    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return self.name


class Number(int):
    def __repr__(self):
        return f"Number({int(self)})"


class Hashed:
    def __hash__(self):
        print("hash")
        return 1


class Equal:
    count = 0

    def __eq__(self, other):
        Equal.count += 1
        return True

    __hash__ = object.__hash__


class Meta(type):
    def __eq__(cls, other):
        return cls is other

    def __hash__(cls):
        return 7


class OfMeta(metaclass=Meta):
    pass


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Late:
    pass


OBJECTS = [Plain("a"), Plain("b"), Plain("c")]
KEYS = OBJECTS + [int, str, Plain, Meta, OfMeta, Number(1), Number(2**70), 1, 2, True, Colour.RED, print, len, sys, None, "a", (int, OBJECTS[0]), (Number(1), None), Late(), b"x"]


def lookups(container, keys, rounds):
    found = 0
    for n in range(rounds):
        key = keys[n % len(keys)]
        if key in container:
            found += n
        if key not in container:
            found -= 1
    return found


for container in (frozenset({int, str, float}), {int, OBJECTS[0], 1, "a"}, {Plain: 1, OBJECTS[1]: 2, 2: 3}, [OBJECTS[2], int, 2, None], (Plain, Number(1), Colour.RED), {"a": 1, "b": 2}, frozenset(KEYS[:-1])):
    print(type(container).__name__, len(container), lookups(container, KEYS, 4000), [key in container for key in KEYS].count(True))
print(lookups(frozenset({dict, list, str}), [int, list, dict, str], 8000))


def counts(keys, rounds):
    table = {}
    for n in range(rounds):
        key = keys[n % len(keys)]
        table[key] = table.get(key, 0) + 1
        table.setdefault((key, n & 1), n)
    for n in range(rounds):
        table.pop((keys[n % len(keys)], n & 1), None)
    return {str(key): value for key, value in table.items()}


print(counts(OBJECTS + [int, Number(5), 5, Plain], 3000))
print(counts(KEYS, 2000) == counts(KEYS, 2000))


def members(keys, rounds):
    seen = set()
    for n in range(rounds):
        seen.add(keys[n % len(keys)])
        if n % 3 == 0:
            seen.discard(keys[(n + 1) % len(keys)])
    return len(seen)


print(members(OBJECTS + [Number(1), 1, 2.0, 2], 3000))
print(lookups({Equal(): 1}, [Plain("x"), Equal(), 5], 30), Equal.count)
equal, calls = Equal(), Equal.count
print(lookups([1, equal], [Plain("x"), 1, equal], 300), Equal.count - calls)
print(lookups({1: "one"}, [Hashed()], 3))


# A class that begins to define equality.
late = Late()
table = {late: "late"}


def find(key, rounds):
    found = 0
    for n in range(rounds):
        if n == rounds // 2:
            Late.__eq__ = lambda self, other: True
            Late.__hash__ = lambda self: 0
        if key in table:
            found += 1
    return found


print(find(late, 3000))


# A stored key that dies with its entry.
class Dying(int):
    def __del__(self):
        log.append(int(self))


log = []


def drop(rounds):
    for n in range(rounds):
        table = {Dying(n): n}
        table.pop(n)
        members = {Dying(-n - 1)}
        members.discard(-n - 1)
        log.append("after")


drop(2000)
print(len(log), log[:6], log[-6:])
key = Plain("counted")
before = sys.getrefcount(key)
table = {key: 1}
print(lookups(table, [key], 2000), sys.getrefcount(key) - before)
