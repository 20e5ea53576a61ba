# LOAD_METHOD forms (class, module, no dict, with dict, with values) hit, then are shadowed and patched.
# contract: 1 7
import math
import types


class V:
    def m(self):
        return "V.m"

    @classmethod
    def c(cls):
        return "V.c"

    @staticmethod
    def s():
        return "V.s"


class W(V):
    def m(self):
        return "W.m " + super().m()


class Slots:
    __slots__ = ("a",)

    def m(self):
        return "Slots.m"


class DictSub(dict):
    def m(self):
        return "DictSub.m"


class IntSub(int):
    def m(self):
        return "IntSub.m"


class ExcSub(Exception):
    def m(self):
        return "ExcSub.m"


class PropM:
    @property
    def m(self):
        return lambda: "from property"


class GA:
    def __getattr__(self, n):
        return lambda: "getattr " + n


class DD:
    def __init__(self):
        self.m = lambda: "instance attr"


class Lazy(Exception):
    m = V.m


class Callable:
    class Inner:
        def __call__(self):
            return "callable attr without self"

    m = Inner()


def big():
    o = V()
    for i in range(50):
        setattr(o, f"a{i}", i)
    return o


mod = types.ModuleType("mod")
mod.m = lambda: "module m"


def fresh():
    def g(o):
        return o.m()

    return types.FunctionType(g.__code__.replace(), globals())


makers = [V, W, Slots, DictSub, IntSub, ExcSub, PropM, GA, DD, Lazy, Callable, big, lambda: mod, lambda: V,
          lambda: 5, lambda: None, lambda: []]
for i, w in enumerate(makers):
    call = fresh()

    def safe(o):
        try:
            return call(o)
        except (AttributeError, TypeError) as e:
            return str(e)

    for _ in range(130):
        safe(w())
    print(i, [safe(m()) for m in makers])


def shadow(o, n):
    out = []
    for i in range(n):
        if i == 100:
            o.unrelated = 1
        if i == 120:
            o.m = lambda: "instance shadow"
        if i == 140:
            del o.m
        if i == 160:
            type(o).m = lambda self: "patched class"
        if i == 180:
            V.m = lambda self: "patched base"
        if i == 200:
            del type(o).m
        if i == 220:
            o.__dict__["m"] = lambda: "dict shadow"
        r = o.m()
        if not out or out[-1] != r:
            out.append(r)
    return out


class X(V):
    m = V.m


print(shadow(X(), 240))


class Y(DictSub):
    m = DictSub.m


print(shadow(Y(), 240))


def classes(n):
    out = set()
    for i in range(n):
        c = V if i % 2 else W
        out.add((c.c(), c.s()))
        if i == 150:
            V.c = classmethod(lambda cls: "patched c of " + cls.__name__)
        if i == 170:
            V.s = staticmethod(lambda: "patched s")
    return sorted(out)


print(classes(200))


def modsite(n):
    t = 0.0
    for i in range(n):
        t += math.floor(i / 2)
        if i == 120:
            math.floor, saved = (lambda x: 1000), math.floor
        if i == 130:
            math.floor = saved
    return t


print(modsite(200))
try:
    V.nope()
except AttributeError as e:
    print(e)
try:
    V().nope()
except AttributeError as e:
    print(e)
try:
    mod.nope()
except AttributeError as e:
    print(e)
try:
    (5).nope()
except AttributeError as e:
    print(e)
