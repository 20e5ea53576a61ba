# Lists, tuples and instances that die in a trace with parts of which some run code: those die in CPython's order, each once.
# contract: 1, 2, 5
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=5
import sys
import weakref

log = []


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)


class Quiet:
    def __init__(self, a, b, c):
        self.a = a
        self.b = b
        self.c = c


class Slotted:
    __slots__ = ("x", "y")

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Derived(Quiet):
    pass


class Watched:
    pass


shared = Quiet(1, 2, 3)


def lists(n):
    for i in range(n):
        [i + 1000, (i + 2000, shared), [str(i), shared], i * 0.5]
        if i % 5 == 3:
            [Loud(f"first {i}"), i + 1000, (Loud(f"second {i}"), shared, i + 2000), [shared, Loud(f"third {i}")]]


def instances(n):
    for i in range(n):
        parts = Quiet(i + 1000, (i * 0.5, shared), Quiet([i], Derived(i, str(i), None), shared))
        if i % 7 == 2:
            parts.b = Loud(f"middle {i}")
            parts.c.a.append(Loud(f"inner {i}"))
        del parts


def slots(n):
    for i in range(n):
        Slotted(Slotted(i + 1000, None), Quiet(Slotted(i, shared), i, [Slotted(None, i)]))


def deep(n):
    for i in range(n):
        chain = None
        for k in range(i % 9):
            chain = (k + i + 1000, [chain], Quiet(chain, k, None))
        del chain


def watched(n):
    references = []
    for i in range(n):
        kept = Watched()
        if i % 6 == 5:
            references.append(weakref.ref(kept, lambda _, i=i: log.append(f"gone {i}")))
        held = [(kept, i), Quiet(kept, i, shared)]
        del kept
        held = None
    return len([reference for reference in references if reference() is not None])


def changing(n):
    for i in range(n):
        if i == n // 2:
            Quiet.__del__ = lambda self: log.append(f"now loud {self.a}") if self.a is not None else None
        [Quiet(i, None, None), (Quiet(i + 1000, i, None),)]
    del Quiet.__del__


def twice(n):
    for i in range(n):
        part = [i + 1000]
        whole = (part, part, [part, shared])
        if i % 4 == 1:
            keep = part
        del part, whole
    return sys.getrefcount(keep)


for work in lists, instances, slots, deep, watched, changing, twice:
    print(work.__name__, work(120), len(log), log[-9:], sys.getrefcount(shared))
print(log)
