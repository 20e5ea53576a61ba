# Floats that a loop leaves in variables: they take the place of those before only where nobody else has these.
# contract: 1, 2
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=6
import sys
import tracemalloc


def kept_elsewhere(n, limit):
    """The loop is left early again and again, and what its variables held is kept."""
    seen = []
    x, y = 0.5, 1.5
    for i in range(n):
        for k in range(limit):
            x = x * 0.75 + k
            y = y - x
        seen.append(x)
        if i % 3 == 0:
            seen.append((x, y))
    return seen, x, y


def shared(n):
    a = b = c = 1.25
    all_three = []
    for i in range(n):
        for k in range(30):
            a = a * 0.5 + k
            b = a
            c, a = a, c + 0.25
        all_three.append((a, b, c))
    return a, b, c, all_three[::20]


def swapped(n):
    first, second, third = 1.5, 2.5, 3.5
    held = []
    for i in range(n):
        for k in range(25):
            first, second, third = second, third, first + k
        held.append([first, second, third])
        first, second = second, first
    return held[0], held[-1]


def yielding(n):
    x = 0.5
    for i in range(n):
        for k in range(22):
            x = x * 0.5 + k
        yield x


def seen_from_outside(n):
    x = 0.25
    found = []
    for i in range(n):
        for k in range(24):
            x = x * 0.5 + i
        found.append(dict(sys._getframe().f_locals)["x"])
    return found


def held_by_cell(n):
    x = 0.25
    y = 0.5
    getters = []
    for i in range(n):
        for k in range(24):
            y = y * 0.5 + k
        x = y
        getters.append(lambda y=y: (x, y))
    return [get()[1] for get in getters[-3:]], getters[0]()


for _ in range(4):
    seen, x, y = kept_elsewhere(60, 30)
    print(seen[:3], seen[-3:], x, y, len({id(v) for v in seen}) == len(seen))
    print(shared(60))
    print(swapped(60))
    values = list(yielding(60))
    print(values[:2], values[-2:], len({id(v) for v in values}))
    found = seen_from_outside(60)
    print(found[:2], found[-2:], len({id(v) for v in found}))
    print(held_by_cell(60))

tracemalloc.start()
for _ in range(2):
    print(kept_elsewhere(40, 30)[1:], swapped(40)[0])
tracemalloc.stop()
