# Every argument-binding error has the same message, cold and after the site warmed up.
# contract: 1
def z():
    pass


def one(a):
    pass


def two(a, b):
    pass


def three(a, b, c):
    pass


def four(a, b, c, d):
    pass


def dflt(a, b=1):
    pass


def dflt2(a=1, b=2):
    pass


def ko1(*, k):
    pass


def ko2(*, k, l):
    pass


def ko3(a, *, k, l, m):
    pass


def koopt(a, *, k=1):
    pass


def kodef(a, b=1, *, k):
    pass


def po(a, b, /):
    pass


def po3(a, b, c, /, d):
    pass


def pokw(a, /, **kw):
    pass


class C:
    def m(self):
        pass

    def n(self, a):
        pass

    @classmethod
    def c(cls, a):
        pass

    class In:
        def deep(self, a, *, b):
            pass


o = C()
lam = lambda x: x
cases = [
    ("z 1", lambda: z(1)),
    ("z 2", lambda: z(1, 2)),
    ("z kw", lambda: z(a=1)),
    ("one 0", lambda: one()),
    ("one 2", lambda: one(1, 2)),
    ("one dup", lambda: one(1, a=2)),
    ("one kw", lambda: one(b=2)),
    ("one kw2", lambda: one(1, b=2)),
    ("two 0", lambda: two()),
    ("two 1", lambda: two(1)),
    ("two b", lambda: two(b=1)),
    ("three 0", lambda: three()),
    ("three 1", lambda: three(1)),
    ("four 0", lambda: four()),
    ("four 5", lambda: four(1, 2, 3, 4, 5)),
    ("dflt 0", lambda: dflt()),
    ("dflt 3", lambda: dflt(1, 2, 3)),
    ("dflt2 3", lambda: dflt2(1, 2, 3)),
    ("dflt dup", lambda: dflt(1, 2, b=3)),
    ("ko1 0", lambda: ko1()),
    ("ko1 pos", lambda: ko1(1)),
    ("ko1 pos+kw", lambda: ko1(1, k=1)),
    ("ko2 0", lambda: ko2()),
    ("ko2 1", lambda: ko2(l=1)),
    ("ko3 0", lambda: ko3(1)),
    ("ko3 none", lambda: ko3()),
    ("ko3 1", lambda: ko3(1, l=2)),
    ("koopt 2", lambda: koopt(1, 2)),
    ("koopt 2k", lambda: koopt(1, 2, k=3)),
    ("koopt 3k", lambda: koopt(1, 2, 3, k=3)),
    ("kodef 3", lambda: kodef(1, 2, 3, k=1)),
    ("po kw", lambda: po(1, b=2)),
    ("po kws", lambda: po(a=1, b=2)),
    ("po3 kw", lambda: po3(a=1, b=2, c=3, d=4)),
    ("po3 kw d", lambda: po3(1, 2, d=4)),
    ("pokw", lambda: pokw(a=1)),
    ("bad star", lambda: two(*5)),
    ("bad star None", lambda: two(1, *None)),
    ("bad starstar", lambda: two(**5)),
    ("bad starstar list", lambda: two(**[("a", 1)])),
    ("nonstr kw", lambda: two(**{1: 2, 2: 3})),
    ("nonstr kw po", lambda: pokw(1, **{1: 2})),
    ("dup kw", lambda: two(a=1, **{"a": 2})),
    ("dup kw 2", lambda: two(**{"a": 1}, **{"a": 2})),
    ("dup pos kw", lambda: two(*[1, 2], **{"a": 2})),
    ("unexpected in **", lambda: two(1, 2, **{"zz": 2})),
    ("m 1", lambda: o.m(1)),
    ("n 0", lambda: o.n()),
    ("n 2", lambda: o.n(1, 2)),
    ("n unb", lambda: C.n()),
    ("c 0", lambda: C.c()),
    ("c 2", lambda: o.c(1, 2)),
    ("deep", lambda: C.In().deep(1)),
    ("deep2", lambda: C.In().deep(1, 2, 3)),
    ("lambda", lambda: lam()),
    ("lambda 2", lambda: lam(1, 2)),
    ("init", lambda: C(1)),
    ("not callable", lambda: one.__name__(2)),
    ("not callable None", lambda: z()()),
    ("not callable kw", lambda: z.__name__(a=1)),
    ("not callable ex", lambda: z()(*[1])),
]
cases = [(n, f) for n, f in cases]
for rnd in range(60):
    for name, f in cases:
        try:
            r = f()
        except TypeError as e:
            r = str(e)
        if rnd in (0, 59):
            print(rnd, name, "->", r)


def inner_names():
    def loc(a, b):
        pass

    class L:
        def meth(self, q):
            pass

    for f in (lambda: loc(1), lambda: L().meth(), lambda: loc(1, 2, 3)):
        try:
            f()
        except TypeError as e:
            print(e)


inner_names()
two.__name__, two.__qualname__ = "renamed", "Qual.renamed"
try:
    two(1)
except TypeError as e:
    print(e)
