# Keyword calls to every callee kind through KW_NAMES, with order of evaluation and order of **kwargs.
# contract: 1
import functools

order = []


def e(x):
    order.append(x)
    return x


def f(a, b=0, *args, c=0, **kw):
    return a, b, args, c, list(kw.items())


class T:
    def __init__(self, a, *, k=0):
        self.r = a, k

    def m(self, a, *, k=0):
        return a, k

    @classmethod
    def c(cls, a, *, k=0):
        return a, k

    @staticmethod
    def s(a, *, k=0):
        return a, k

    def __call__(self, a, *, k=0):
        return "call", a, k


def sites(i):
    t = T(i, k=1)
    p = functools.partial(f, 1, c=2)
    return [
        f(e(1), e(2), z=e(3), c=e(4), y=e(5)),
        f(b=e(6), a=e(7)),
        t.r,
        t.m(k=e(8), a=e(9)),
        t.c(i, k=3),
        T.s(a=i, k=4),
        t(k=i, a=1),
        p(3, w=5),
        p(c=9, b=8),
        sorted([3, 1, 2], key=lambda v: -v),
        sorted([3, 1, 2], reverse=True),
        dict(one=1, two=i),
        int("z", base=36),
        "a-b-c".split(sep="-", maxsplit=1),
        max([1, 2], default=3),
        max(default=i, key=None, *[[]]),
        print("kw", end="") if i < 0 else None,
        "{a}{b}".format(b=1, a=2),
        type("X", (), dict(q=1)).q,
        enumerate("ab", start=i).__next__(),
        str(b"ab", encoding="ascii"),
        (lambda *, k: k)(k=i),
    ]


for i in range(200):
    order.clear()
    r = sites(i)
for x in r:
    print(x)
print(order)


def polykw(g, i):
    return g(a=i, k=2)


for g in (T("x").m, T.c, T.s, T("y"), lambda a, k: (k, a), lambda **kw: kw, dict, lambda k, a, z=9: (k, a, z)):
    for i in range(80):
        r = polykw(g, i)
    print(r)
for g in (len, int, lambda a: a, T.m, lambda k, /, a: 1, "x".join, None):
    try:
        polykw(g, 1)
    except TypeError as ex:
        print(ex)
