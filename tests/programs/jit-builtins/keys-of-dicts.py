# Values of dicts that are replaced where they are found, by keys of every kind; with what that shows.
# contract: 1 4 6
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=50
# expect: traces>=4
import gc
import sys


class Dies:
    def __init__(self, name, log):
        self.name = name
        self.log = log

    def __del__(self):
        self.log.append(self.name)


class Plain:
    pass


def counted(keys):
    counts = {}
    for key in keys:
        counts[key] = counts.get(key, 0) + 1
    return counts


def replaced(table, keys, log):
    for at, key in enumerate(keys):
        table[key] = Dies(at, log)
    return len(table)


def attributes(objects, names):
    for each in objects:
        for name in names:
            each.__dict__[name] = each.__dict__.get(name, 0) + 1


def tracked(n):
    """A dict of atoms is not tracked by the collector until it gets a container."""
    table = {"a": 1, "b": 2}
    for at in range(n):
        table["a"] = at
    before = gc.is_tracked(table)
    for at in range(n):
        table["b"] = (at, []) if at == n - 1 else at
    return before, gc.is_tracked(table)


def changing(table):
    """Replacing values is no change of size: the loop over the dict goes on."""
    total = 0
    for key in table:
        table[key] = table[key] + 1
        total += table[key]
    return total


texts = ["".join(list(word)) for word in "the cat and the dog and the \xe9l\xe8ve and a longer-word-than-eight".split()]
print(counted(texts * 30))
print(counted([1, -1, -2, 0, 2**30, -(2**30), 2**59, 2**60, 2**61 - 1, -(2**61), 2**64, True, 1.0, 0.0, "1"] * 20))
print(counted([(1, "a"), (1, "b"), None, b"a", frozenset(), "a", 3] * 20))
print(counted([float("nan")] * 3 + [0.5, -0.0, 0] * 20).keys().__len__())
log = []
print(replaced({}, ["x", "y", "x", 1, 1.0, True] * 30, log), log == sorted(log), len(log))
objects = [Plain() for _ in range(80)]
attributes(objects, ["one", "two", "one"])
print(objects[0].__dict__, objects[-1].one, [list(each.__dict__) for each in objects[:2]])
print(tracked(200), tracked(100))
print(changing({str(n): n for n in range(300)}), changing({n: n for n in range(300)}))
key, value = "some key", object()
table = {key: value}
counts = sys.getrefcount(key), sys.getrefcount(value)
for _ in range(300):
    table[key] = value
print(sys.getrefcount(key) - counts[0], sys.getrefcount(value) - counts[1])


def module_level(n):
    total = 0
    for at in range(n):
        globals()["shown"] = at
        total += shown
    return total


print(module_level(300), shown)
