# match: protocol lookups and their errors: __match_args__, __len__, keys, get, attributes, duplicates.
# contract: 1
import collections.abc


def t(f, *a):
    try:
        r = f(*a)
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(r)


class BadArgs:
    __match_args__ = 5


class ListArgs:
    __match_args__ = ["x"]


class NonStr:
    __match_args__ = (5,)


class Dup:
    __match_args__ = ("x", "x")
    x = 1


class NoArgs:
    pass


class RaisingArgs:
    class __match_args__Desc:
        def __get__(self, o, t):
            raise KeyError("match args")

    __match_args__ = __match_args__Desc()


class RaisingAttr:
    __match_args__ = ("x",)

    @property
    def x(self):
        raise LookupError("attr x")


class MissingAttr:
    __match_args__ = ("x",)

    @property
    def x(self):
        raise AttributeError("treated as no match")


class Few:
    __match_args__ = ("a",)
    a = 1


def one(v, c):
    match v:
        case c(x):
            return "matched", x
    return "no match"


def two(v, c):
    match v:
        case c(x, y):
            return "matched", x, y
    return "no match"


def dup(v, c):
    match v:
        case c(p, x=q):
            return "matched", p, q
    return "no match"


def kw(v, c):
    match v:
        case c(x=p):
            return "matched", p
    return "no match"


for c in (BadArgs, ListArgs, NonStr, Dup, NoArgs, RaisingArgs, RaisingAttr, MissingAttr, Few):
    for f in (one, two, dup, kw):
        t(f, c(), c)
for v, c in ((1, int), (True, int), ("s", str), (1, str), (1, bool), ([1], list), ({1: 2}, dict), (None, type(None)), (1, object)):
    t(one, v, c)
    t(two, v, c)
for c in (5, None, "x", int | str, list[int], collections.abc.Sequence, type):
    t(one, 1, c)
    t(kw, 1, c)


class IMeta(type):
    def __instancecheck__(cls, o):
        raise OverflowError("instancecheck")


class I(metaclass=IMeta):
    pass


t(one, 1, I)


class Seq(collections.abc.Sequence):
    def __init__(self, n, fail=None):
        self.n, self.fail = n, fail

    def __len__(self):
        if self.fail == "len":
            raise ValueError("len")
        return self.n

    def __getitem__(self, i):
        if self.fail == "get":
            raise KeyError("get")
        if isinstance(i, slice):
            return "sliced"
        if i < 0 or i >= self.n:
            raise IndexError(i)
        return i


def seq(v):
    match v:
        case [a, b]:
            return "two", a, b
        case [a, *r, b]:
            return "star", a, r, b
        case [a]:
            return "one", a
    return "none"


for s in (Seq(2), Seq(4), Seq(1), Seq(0), Seq(2, "len"), Seq(2, "get"), Seq(3, "get")):
    t(seq, s)


class Map(collections.abc.Mapping):
    def __init__(self, d, fail=None):
        self.d, self.fail = d, fail

    def __len__(self):
        return 7

    def __iter__(self):
        return iter(self.d)

    def __getitem__(self, k):
        raise AssertionError("match uses get")

    def get(self, k, d=None):
        if self.fail == "get":
            raise ValueError("get")
        return self.d.get(k, d)

    def keys(self):
        if self.fail == "keys":
            raise ValueError("keys")
        return list(self.d)


class DD(dict):
    def __missing__(self, k):
        return "missing"


def mp(v):
    match v:
        case {"a": x, "b": y}:
            return "ab", x, y
        case {"a": x, **rest}:
            return "a", x, rest
        case {}:
            return "any"
    return "none"


for v in (Map({"a": 1, "b": 2}), Map({"a": 1}, "get"), Map({"a": 1}), {"a": 1, "c": 2}, DD(a=1), {}, Map({}), []):
    t(mp, v)


class K:
    one = "k"
    two = "k"


def dupkeys(v):
    match v:
        case {K.one: x, K.two: y}:
            return x, y
    return "no"


t(dupkeys, {"k": 1})


def unhash(v):
    K.one = []
    match v:
        case {K.one: x}:
            return x
    return "no"


t(unhash, {"k": 1})


def missingval(v):
    match v:
        case K.nope:
            return 1


t(missingval, 1)


class Eq:
    def __eq__(self, o):
        raise ZeroDivisionError("eq")


def lit(v):
    match v:
        case 5:
            return "five"
    return "no"


t(lit, Eq())


def guard(v):
    match v:
        case x if x / 0:
            return x


t(guard, 1)
