# Class statements: metaclasses, __prepare__, __mro_entries__, keywords, conflicts, __build_class__ replaced or missing.
# contract: 1
import builtins


class Meta(type):
    @classmethod
    def __prepare__(m, name, bases, **kw):
        print("prepare", name, [b.__name__ for b in bases], kw)
        return {"injected": 1}

    def __new__(m, name, bases, ns, **kw):
        print("new", name, sorted(k for k in ns if not k.startswith("__")), kw)
        return super().__new__(m, name, bases, ns)

    def __init__(cls, name, bases, ns, **kw):
        print("init", name, kw)


class A(metaclass=Meta, x=1):
    v = injected


class B(A, y=2):
    def f(self):
        return __class__.__name__


print(B().f(), B.v, type(B).__name__)


class Base:
    def __init_subclass__(cls, /, tag=None, **kw):
        super().__init_subclass__(**kw)
        print("init_subclass", cls.__name__, tag)


class D(Base, tag="t"):
    class N:
        def __set_name__(self, o, n):
            print("set_name", o.__name__, n)

    n = N()


class Entry:
    def __mro_entries__(self, bases):
        print("mro_entries")
        return (Base,)


class E(Entry(), tag="e"):
    pass


print(E.__orig_bases__[0].__class__.__name__, E.__bases__)


def bad():
    class M1(type):
        pass

    class M2(type):
        pass

    class X(metaclass=M1):
        pass

    class Y(metaclass=M2):
        pass

    class Z(X, Y):
        pass


def f(*a, **k):
    return a[0], len(a), sorted(k)


class FuncMeta(metaclass=f, q=1):
    pass


print(FuncMeta)
for fn in (
    bad,
    lambda: type("T", (5,), {}),
    lambda: type("T", (int, str), {}),
    lambda: type("T", (A, A), {}),
    lambda: exec("class T(bool): pass"),
    lambda: exec("class T(5): pass"),
    lambda: exec("class T(metaclass=5): pass"),
    lambda: exec("class T(Base, wrong=1): pass", {"Base": Base}),
    lambda: exec("class T(object, wrong=1): pass"),
    lambda: exec("class T(*5): pass"),
    lambda: exec("class T:\n    1/0"),
    lambda: exec("class T:\n    __slots__ = ('a', 'a b')"),
    lambda: exec("class T:\n    __slots__ = ('x',)\n    x = 1"),
    lambda: exec("class T:\n    def __init_subclass__(cls): raise KeyError('is')\nclass U(T): pass"),
    lambda: exec("class P:\n    def __set_name__(s, o, n): raise KeyError('sn')\nclass U:\n    p = P()"),
    lambda: exec("class M(type):\n    @classmethod\n    def __prepare__(m, *a): return 5\nclass U(metaclass=M): pass"),
    lambda: exec("class M(type):\n    def __new__(m, n, b, ns): return 7\nclass U(metaclass=M): pass\nprint(U)"),
    lambda: exec("class M(type):\n    def __new__(m, n, b, ns):\n        ns = dict(ns); ns.pop('__classcell__'); return type.__new__(m, n, b, ns)\n"
                 "class U(metaclass=M):\n    def f(self): return __class__"),
    lambda: builtins.__build_class__(),
    lambda: builtins.__build_class__(5, "n"),
    lambda: builtins.__build_class__(lambda: None, 5),
):
    try:
        fn()
    except Exception as e:
        print(type(e).__name__, e, "| cause:", repr(e.__cause__), "| notes:", getattr(e, "__notes__", None))
saved = builtins.__build_class__
try:
    exec("class Q: pass", {"__builtins__": {}})
except NameError as e:
    print(type(e).__name__, e)
builtins.__build_class__ = lambda func, name, *b, **k: ("built", name, b, k, func.__name__)


class Fake(1, 2, z=3):
    body = "never runs"


builtins.__build_class__ = saved
print(Fake)
del builtins.__build_class__
try:

    class Gone:
        pass

except NameError as e:
    print(e)
builtins.__build_class__ = saved


def many(n):
    out = []
    for i in range(n):
        class L(Base if i % 50 == 0 else object):
            idx = i

            def get(self):
                return i, __class__.idx

        out.append(L)
    return [c().get() for c in out[::40]], len({id(c) for c in out})


print(many(130))


class Doc:
    "docstring"
    a: int = 1
    b: "str"
    c: undefined_ok if False else int
    (d): float = 2
    print("in body", __qualname__, __module__, sorted(__annotations__))


print(Doc.__doc__, Doc.__annotations__)


class Super:
    def __init__(self):
        self.log = ["Super"]


class L1(Super):
    def __init__(self):
        super().__init__()
        self.log.append("L1")


class L2(Super):
    def __init__(self):
        super(L2, self).__init__()
        self.log.append("L2")


class Diamond(L1, L2):
    def __init__(self):
        super().__init__()
        self.log.append("D")

    def bad(self):
        del self
        return super()

    @staticmethod
    def noarg():
        return super()

    def inner(self):
        return [super().__class__ for _ in "a"]


for _ in range(120):
    x = Diamond()
print(x.log)
for f in (x.bad, Diamond.noarg, x.inner):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
