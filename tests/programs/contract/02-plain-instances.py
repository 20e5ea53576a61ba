# Instances that compiled code makes and gives up are made and freed as by python3.11: what they hold dies with them, the
# collector knows of them, and memory is counted.
# contract: 2 10
# expect: traces>=1
import gc
import sys
import weakref

gc.disable()
ROUNDS = 4000
log = []


class Plain:
    def __init__(self, a, b):
        self.a = a
        self.b = b

    def __add__(self, other):
        return type(self)(self.a + other.a, self.b + other.b)


class Derived(Plain):
    pass


class Deeper(Derived):
    def __init__(self, a, b):
        super().__init__(a, b)
        self.c = a


class Slotted:
    __slots__ = ("a", "b", "__weakref__")
    __init__, __add__ = Plain.__init__, Plain.__add__


class Mixed(Slotted):
    def __init__(self, a, b):
        self.a, self.b = a, b
        self.c = b


class Finalized(Plain):
    def __del__(self):
        log.append(self.a)


class Noisy:
    def __radd__(self, other):
        return self

    __add__ = __radd__

    def __del__(self):
        log.append("noisy")


def blocks():
    return sys.getallocatedblocks(), gc.get_count()[0]


def sums(cls, a, b, rounds=ROUNDS):
    total, step = cls(a, b), cls(b, a)
    for _ in range(rounds):
        total = total + step
    return total.a, total.b


for cls in (Plain, Derived, Deeper, Slotted, Mixed, Finalized):
    for a, b in ((1000, 2), (0.5, 1.25), ("", "x"), (1 << 70, 3), ((1,), (2, 3))):
        rounds = ROUNDS if type(a) is not tuple else 300
        sums(cls, a, b, rounds)
        gc.collect()
        log.clear()
        before = blocks()
        result = sums(cls, a, b, rounds)
        after = blocks()
        grown = after[0] - before[0] < 200, after[1] - before[1] < 50
        ended = len(log)
        print(cls.__name__, str(result)[:60], len(str(result)), grown if not ended else "", ended)

log.clear()
shared = [1]


def variety(rounds=ROUNDS):
    """Instances that end in other ways than most."""
    seen = 0
    for i in range(rounds):
        x = Plain(i * 1000, float(i))
        kind = i % 11
        if kind == 1:
            x.a = Noisy()
        elif kind == 2:
            x.a = x.b
        elif kind == 3:
            x.__dict__["c"] = i
        elif kind == 4:
            reference = weakref.ref(x, lambda _: log.append("weak"))
        elif kind == 5:
            del x.a
        elif kind == 6:
            x.a = x.b = shared
        elif kind == 7:
            x.__class__ = Finalized
        elif kind == 8:
            x.a = [i, [i]]
        elif kind == 9:
            x.later = i
        seen += gc.is_tracked(x)
        x = None
    return seen, sys.getrefcount(shared)


print(variety(), len(log), log.count("weak"), log.count("noisy"))


def cyclic(rounds=ROUNDS):
    for i in range(rounds):
        x = Plain(i, i + 0.5)
        if i % 100 == 0:
            x.a = x
            weakref.finalize(x, log.append, "cycle").atexit = False


log.clear()
cyclic()
print(len(log), gc.collect() > 0, len(log))


def collected(rounds=ROUNDS):
    """The collector runs when as many objects have been made."""
    kept = []
    for i in range(rounds):
        kept.append(Plain(i, i))
    return len(kept)


def note(phase, info):
    if phase == "start":
        log.append(info["generation"])


log.clear()
gc.collect()
gc.callbacks.append(note)
gc.enable()
for _ in range(3):
    collected()
gc.disable()
gc.callbacks.clear()
print(len(log) > 10, log.count(1) > 0)
print(sum(type(x) is Plain for x in gc.get_objects()))
