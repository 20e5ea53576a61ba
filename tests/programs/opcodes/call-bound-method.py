# Bound methods called through locals, attributes and containers unwrap self correctly at warm sites.
# contract: 1 7
class A:
    def __init__(self, t):
        self.t = t

    def m(self, x):
        return (self.t, x)

    def d(self, x=1, y=2):
        return (self.t, x, y)

    def v(self, *a, **k):
        return (self.t, a, k)

    def __call__(self, x):
        return ("call", self.t, x)


def local_site(bm, i):
    return bm(i)


def attr_site(o, i):
    return o.f(i)


def cont_site(l, i):
    return l[0](i)


class Holder:
    pass


h = Holder()
a, b = A("a"), A("b")
h.f = a.m
for i in range(300):
    assert local_site(a.m, i) == ("a", i)
    assert attr_site(h, i) == ("a", i)
    assert cont_site([a.m], i) == ("a", i)
for bm in (a.m, b.m, a.d, a.v, b, A.m.__get__(b), len.__call__, [].__contains__, (5).__add__, a.__call__):
    for i in range(60):
        try:
            r = local_site(bm, 3)
        except TypeError as e:
            r = str(e)
    h.f = bm
    try:
        r2 = attr_site(h, 3)
    except TypeError as e:
        r2 = str(e)
    print(r, r2)

import types

nested = types.MethodType(types.MethodType(lambda x, y, z: (x, y, z), 1), 2)
for i in range(120):
    r = local_site(nested, i)
print(r)
weird = types.MethodType(a, 7)
try:
    print(local_site(weird, 1))
except TypeError as e:
    print(e)
weird = types.MethodType(print, "self")
for i in range(3):
    local_site(weird, i)
print(a.m == a.m, a.m is a.m, a.m.__self__ is a, hash(a.m) == hash(a.m))


def change(n):
    out = []
    o = A("o")
    for i in range(n):
        if i == 100:
            A.m2 = A.m
            A.m = lambda self, x: ("patched", self.t, x)
        if i == 150:
            o.m = lambda x: ("inst", x)
        if i == 180:
            del o.m
            A.m = A.m2
        r = o.m(i)
        if i in (0, 99, 100, 149, 150, 179, 180, n - 1):
            out.append(r)
    return out


print(change(220))
