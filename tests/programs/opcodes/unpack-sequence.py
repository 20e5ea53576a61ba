# UNPACK_SEQUENCE of tuples, lists, pairs and anything iterable, warm and then with every kind of error.
# contract: 1
def u2(s):
    a, b = s
    return a, b


def u3(s):
    a, b, c = s
    return a, b, c


def u1(s):
    (a,) = s
    return a


def u0(s):
    () = s
    return "empty ok"


def ul(s):
    [a, [b, c]] = s
    return a, b, c


class It:
    def __init__(self, n, boom=None):
        self.n, self.boom = n, boom

    def __iter__(self):
        for i in range(self.n):
            yield i
            pulled.append(i)
        if self.boom:
            raise self.boom


class Seq:
    def __getitem__(self, i):
        if i < 2:
            return i * 10
        raise IndexError


class T(tuple):
    def __iter__(self):
        return iter(["sub", "class"])


class L(list):
    pass


class BadIter:
    def __iter__(self):
        return 5


class NoIter:
    __iter__ = None


pulled = []
vals = [
    (1, 2), [1, 2], (1, 2, 3), [1, 2, 3], (1,), [], (), "ab", "abc", b"ab", {1: 2, 3: 4}, range(2), range(3),
    It(2), It(3), It(50), It(1), It(0), It(1, KeyError("mid")), It(2, KeyError("late")), Seq(), T((1, 2)), T((1, 2, 3)),
    L([1, 2]), BadIter(), NoIter(), 5, None, 2.5, (1, (2, 3)), [1, [2]], (1, 5), iter([1, 2]), zip("ab", "cd"),
]


def t(f, v):
    del pulled[:]
    try:
        r = f(v)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    return f"{r} pulled={pulled[:8]}"


import types

for warm in ((1, 2), [1, 2], "ab"):
    for f in (u2, u3, u1, u0, ul):
        g = types.FunctionType(f.__code__.replace(), globals(), f.__name__)
        w = {"u2": warm, "u3": tuple(warm) + (3,), "u1": warm[:1], "u0": warm[:0], "ul": (1, warm)}[f.__name__]
        if isinstance(warm, list) and f is u3:
            w = list(w)
        for _ in range(150):
            g(w)
        for v in vals:
            if isinstance(v, (type(iter([])), zip)):
                v = zip("ab", "cd")
            print(f.__name__, type(v).__name__, t(g, v))


def swap(n):
    a, b, c = 0, 1, 2
    for i in range(n):
        a, b = b, a + b & 0xFF
        a, b, c = c, a, b
    return a, b, c


print(swap(300))


def forunpack(pairs):
    t = 0
    for a, (b, c) in pairs:
        t += a * b - c
    return t


print(forunpack([(i, (i + 1, i + 2)) for i in range(200)]), forunpack([[i, [i, 1]] for i in range(200)]))
try:
    forunpack([(1, (2, 3)), (1, 2)])
except TypeError as e:
    print(e)
