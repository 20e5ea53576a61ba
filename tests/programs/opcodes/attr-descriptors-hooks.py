# Descriptors and __getattr__/__getattribute__ hooks: priority, raising inside, recursion, suppression.
# contract: 1
class NonData:
    def __init__(self, r):
        self.r = r

    def __get__(self, o, t):
        return self.r, o is None, t.__name__


class Data(NonData):
    def __set__(self, o, v):
        o.__dict__[self.n] = ("stored", v)

    def __set_name__(self, owner, n):
        self.n = n
        print("set_name", owner.__name__, n)

    def __delete__(self, o):
        print("delete", self.n)


class SetOnly:
    def __set__(self, o, v):
        raise PermissionError("no")


class A:
    nd = NonData("nd")
    da = Data("da")
    so = SetOnly()
    plain = 1


a = A()
a.__dict__.update(nd="inst nd", da="inst da", so="inst so", plain="inst plain")


def reads(o):
    return o.nd, o.da, o.so if o is not A else None, o.plain


for _ in range(150):
    r = reads(a)
print(r)
print(reads(A))
a.da = 5
print(a.da, a.__dict__["da"])
try:
    a.so = 1
except PermissionError as e:
    print(e)
del a.da


class Hook:
    depth = 0

    def __getattr__(self, n):
        if n == "err":
            raise AttributeError("custom message")
        if n == "other":
            raise KeyError(n)
        if n == "deep":
            return self.deeper
        return n.upper()

    @property
    def prop(self):
        return self.missing_from_prop

    @property
    def bad(self):
        raise AttributeError("inside prop")

    @property
    def worse(self):
        raise ValueError("inside prop")


h = Hook()


def g(o, n):
    try:
        return getattr(o, n)
    except Exception as e:
        return type(e).__name__, str(e)


def site(o):
    try:
        return o.err
    except AttributeError as e:
        return str(e)


for _ in range(150):
    site(h)
print(site(h), [g(h, n) for n in ("foo", "err", "other", "deep", "prop", "bad", "worse")])
print(getattr(h, "err", "dflt"), hasattr(h, "err"))
try:
    hasattr(h, "other")
except KeyError as e:
    print("hasattr raised", e)


class GAB:
    x = 1

    def __getattribute__(self, n):
        if n == "x":
            raise AttributeError("hidden")
        return object.__getattribute__(self, n)

    def __getattr__(self, n):
        return "fallback " + n

    def meth(self):
        return "meth"


def gab(o):
    return o.x, o.meth(), o.zz


for _ in range(150):
    r = gab(GAB())
print(r)


class Del:
    def __getattribute__(self, n):
        del type(self).__getattribute__
        return "first"

    x = "second"


d = Del()
print(d.x, d.x)


class Meta(type):
    @property
    def mp(cls):
        return "metaprop " + cls.__name__

    def __getattr__(cls, n):
        return "meta " + n

    both = "meta both"


class WithMeta(metaclass=Meta):
    both = "class both"


def ms():
    return WithMeta.mp, WithMeta.both, WithMeta.nothing


for _ in range(150):
    r = ms()
print(r)
try:
    WithMeta().mp
except AttributeError as e:
    print(e)


class Sup(A):
    def go(self):
        return super().plain, super().nd


for _ in range(150):
    r = Sup().go()
print(r)
