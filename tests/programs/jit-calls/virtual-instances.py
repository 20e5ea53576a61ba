# Instances that traces do not make: exits make them, with their attributes, identities and references as they should be.
# contract: 1, 2, 3, 4, 7
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# env: PYRT_JIT_ENTRY_THRESHOLD=10
# expect: traces>=6
import gc
import sys
import traceback
import weakref


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def plus(self, other):
        return Point(self.x + other.x, self.y + other.y)

    def scaled(self, by):
        return Point(self.x * by, self.y * by)

    def norm(self):
        return self.x * self.x + self.y * self.y


def temporaries(rounds):
    total = 0.0
    base = Point(1.5, -2.0)
    for n in range(rounds):
        total += base.plus(Point(n, 0.5)).scaled(2).norm()
    return total


def leaves_midway(rounds):
    """The instance is alive where types change and branches go the other way."""
    kept = []
    for n in range(rounds):
        p = Point(n, n * 0.5)
        q = p.plus(p)
        if n % 7 == 3:
            kept.append((q.x, list(q.__dict__)))
        if n % 11 == 5:
            p.x = str(n)
            kept.append(p)
            assert kept[-1] is p
    return [k if isinstance(k, tuple) else (k.x, k.y, sys.getrefcount(k)) for k in kept]


class Pair:
    def __init__(self, first, second):
        self.second = second
        self.first = first
        self.me = None


def nested(rounds):
    seen = []
    for n in range(rounds):
        inner = Point(n, 2)
        outer = Pair(inner, inner)
        again = Pair(outer, n)
        if again.first.second.x % 13 == 12:
            seen.append(again)
        inner.y = again
        if n % 17 == 16:
            seen.append(list(vars(inner)))
        del inner.y
        outer = None
    return [
        s
        if isinstance(s, list)
        else (list(vars(s)), s.first.first is s.first.second, sys.getrefcount(s.first.first))
        for s in seen
    ]


def cycle(rounds):
    for n in range(rounds):
        a = Pair(n, None)
        a.me = a
        b = Pair(a, n)
        a.second = b
        if b.first.me.first % 19 == 18:
            gone.append(weakref.ref(b))
    del a, b
    gc.collect()
    return [ref() for ref in gone]


gone = []


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        died.append(self.n)


class Holder:
    def __init__(self, noisy, other):
        self.noisy = noisy
        self.other = other


died = []


def finalizers(rounds):
    """What dies with an instance dies when and in the order that it would, and may look around."""
    for n in range(rounds):
        h = Holder(Noisy(n), Noisy(-n))
        h = Holder(h, n)
        died.append("before")
        h = None
        died.append("after")


class Fails:
    def __init__(self, n):
        self.n = n
        if n % 9 == 8:
            raise ValueError(n)
        self.m = n // 2


def raises(rounds):
    found = []
    for n in range(rounds):
        try:
            f = Fails(n)
            found.append(f.m)
        except ValueError as error:
            frame = error.__traceback__.tb_next.tb_frame
            found.append((list(vars(frame.f_locals["self"])), frame.f_locals["n"]))
            found.append(traceback.format_exception(error)[-2].strip())
    return found


def looks(point):
    return sys._getframe(1).f_locals["p"] is point, sys.getrefcount(point)


def looked_at(rounds):
    found = set()
    for n in range(rounds):
        p = Point(n, 1.0)
        p.y += 1.0
        found.add(looks(p))
        found.add(p.y)
    return sorted(found, key=repr)


def class_changes(rounds):
    found = []
    for n in range(rounds):
        p = Point(n, 1)
        if n == rounds // 2:
            Point.norm = lambda self: "changed"
        found.append(p.norm())
    return found[: rounds // 2 + 3]


def counts(rounds):
    """The collector counts what it would count."""
    gc.collect()
    gc.disable()
    before = gc.get_count()[0]
    kept = []
    for n in range(rounds):
        p = Point(n, 1.0)
        q = p.plus(p)
        if n % 40 == 39:
            kept.append(q)
    after = gc.get_count()[0]
    gc.enable()
    return after - before


def collections(rounds):
    started = []

    def note(phase, info):
        if phase == "start":
            started.append(n)

    gc.collect()
    gc.callbacks.append(note)
    gc.set_threshold(50)
    for n in range(rounds):
        p = Point(n, n)
        q = p.plus(p).scaled(3)
        if n % 3 == 0:
            q.x = [q]
    gc.set_threshold(700)
    gc.callbacks.remove(note)
    return started


def same_number(rounds):
    found = set()
    for n in range(rounds):
        x = n + 0.5
        p = Point(x, x)
        found.add((p.x is p.y, p.x is x))
        if n % 23 == 22:
            found.add(id(p.x) == id(x))
    return sorted(found, key=repr)


print(temporaries(300))
print(leaves_midway(100))
print(nested(120))
print(cycle(120))
finalizers(60)
print(died)
print(raises(60))
print(looked_at(60))
print(counts(400) - counts(40))
print(len(collections(400)))
print(same_number(100))
print(class_changes(80))
