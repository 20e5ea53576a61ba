# Dicts and sets whose keys take the program's code to be compared, are tuples of a class of their own, or are nested too
# deep: what changes them is done once, whoever does it.
# contract: 1, 2
# expect: traces>=1, trace_exits<=1500
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
from collections import namedtuple

Point = namedtuple("Point", "x y")


class Odd(tuple):
    def __hash__(self):
        return hash(len(self))

    def __eq__(self, other):
        return tuple.__eq__(self, other)


def keyed(keys, rounds):
    table, seen, hits = {}, set(), 0
    for turn in range(rounds):
        key = keys[turn % len(keys)]
        if key in seen:
            hits += 1
        else:
            seen.add(key)
        table[key] = table.get(key, 0) + 1
        hits += table.setdefault(key, 5) + table[key]
        if turn % 5 == 0:
            seen.discard(key)
            del table[key]
        elif turn % 5 == 1:
            seen.remove(key)
            hits += table.pop(key) + table.pop(key, 3)
    return hits, len(seen), sorted(table.values())


deep = ((((((1, 2),), 3),), Point(4, (5,))),)
for keys in ([Point(1, 2), (1, 2), Point(3, 4)], [Odd((1, 2)), (2, 1), Odd((3, 4))], [deep, (deep, 1), 4]):
    print(keyed(keys, 6000))
