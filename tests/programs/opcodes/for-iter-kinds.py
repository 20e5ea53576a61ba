# FOR_ITER over every builtin iterator and user ones, with mutation during iteration and errors.
# contract: 1
import collections
import itertools


def total(it):
    out = []
    for x in it:
        out.append(x)
        if len(out) > 30:
            break
    else:
        out.append("else")
    return out


class Old:
    def __getitem__(self, i):
        if i == 3:
            raise IndexError("end")
        return i


class OldBad(Old):
    def __getitem__(self, i):
        raise KeyError(i)


class It:
    def __init__(self, n, exc=StopIteration):
        self.n, self.exc = n, exc

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise self.exc
        return self.n


class Sub(StopIteration):
    pass


class NotIter:
    def __iter__(self):
        return 5


class RaiseIter:
    def __iter__(self):
        raise LookupError("iter")


def gen():
    yield 1
    return 2


mk = [
    lambda: [1, 2], lambda: (1, 2), lambda: "ab", lambda: b"ab", lambda: {1: 2}, lambda: {3}, lambda: range(3), lambda: range(2**70, 2**70 + 2),
    lambda: range(5, 0, -2), lambda: {1: 2}.items(), lambda: {1: 2}.values(), lambda: enumerate("a"), lambda: zip("ab", [1, 2]), lambda: map(str, [1]),
    lambda: filter(None, [0, 1]), lambda: reversed([1, 2]), lambda: iter([9]), lambda: gen(), lambda: It(2), lambda: It(2, KeyError("it")), lambda: It(1, Sub()),
    lambda: It(1, StopIteration(5)), lambda: Old(), lambda: OldBad(), lambda: itertools.count(), lambda: collections.deque([1]), lambda: memoryview(b"a"),
    lambda: iter(lambda: 1, 1), lambda: collections.OrderedDict(a=1), lambda: NotIter(), lambda: RaiseIter(), lambda: 5, lambda: None, lambda: 1.5, lambda: type, lambda: list[int],
]
for m in mk:
    for _ in range(12):
        total([1, 2])
        total(range(3))
    try:
        print(total(m()))
    except Exception as e:
        print(type(e).__name__, e)


def growing():
    l = [1]
    for x in l:
        if x < 8:
            l.append(x + 1)
    return l


def shrinking():
    l = list(range(10))
    seen = []
    for x in l:
        seen.append(x)
        l.pop()
    return seen, l


print(growing(), shrinking())
for c in ({1: 1}, {1}, collections.OrderedDict(a=1), collections.deque([1])):
    try:
        for x in c:
            if isinstance(c, dict):
                c[x if isinstance(x, int) else 0] = 1
                c[len(c) + 5] = 1
            elif isinstance(c, set):
                c.add(7)
            else:
                c.append(2)
    except RuntimeError as e:
        print(type(c).__name__, e)


def shared(n):
    it = iter(range(n))
    a = []
    for x in it:
        for y in it:
            a.append((x, y))
            break
    return a[-1], len(a), list(it)


print(shared(301))


def exhausted():
    it = iter([1, 2])
    list(it)
    it2 = iter(range(2))
    list(it2)
    return [x for x in it], [x for x in it2], next(it, "d"), next(it2, "d")


print(exhausted())
