# Floats that traces box and give up: more than the interpreter keeps for later, few, kept by others, and seen by
# tracemalloc, which is switched on and off between.
# contract: 1, 2
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import tracemalloc


def update(values, n):
    for i in range(n):
        for at in range(len(values)):
            values[at] = values[at] * 0.5 + i
    return sum(values)


def collect(n):
    kept = []
    x = 0.25
    for i in range(n):
        x = x * 1.5 % 10.0
        kept.append(x)
    return kept


def share(n):
    values = [1.5, 2.5]
    seen = []
    for i in range(n):
        old = values[i & 1]
        values[i & 1] = old + 0.5
        if i % 9 == 0:
            seen.append(old)
    return values, seen[-3:], old is seen[-1]


def mixed(n):
    values = [1.5, 2, 3.25, "a", 2**70]
    total = 0.0
    for i in range(n):
        item = values[i % 5]
        if item.__class__ is float:
            values[i % 5] = item + 1.0
            total += item
        elif item.__class__ is int:
            values[i % 5] = item + 1
    return values, total


print(update([float(i) for i in range(300)], 40))
print(update([0.5], 2000))
kept = collect(5000)
print(sum(kept), len(set(map(id, kept))))
del kept
print(share(500))
print(mixed(2000))
tracemalloc.start()
before = tracemalloc.get_traced_memory()[0]
kept = collect(5000)
grown = tracemalloc.get_traced_memory()[0] - before
print(grown >= 5000 * 24, update([0.5, 1.5], 300))
tracemalloc.stop()
print(update([0.5, 1.5], 300), sum(collect(3000)))
