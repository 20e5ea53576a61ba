# LOAD_ATTR forms (instance value, hint, slot, module) hit, then miss by type, dict and shape changes.
# contract: 1 7
import math
import types


class V:
    def __init__(self, x):
        self.x = x


class S:
    __slots__ = ("x",)

    def __init__(self, x):
        self.x = x


class Both:
    __slots__ = ("x", "__dict__")


class D(dict):
    pass


class Prop:
    @property
    def x(self):
        return "prop"


class GA:
    def __getattr__(self, n):
        return ("getattr", n)


class GAB:
    def __getattribute__(self, n):
        return ("getattribute", n)


class ClassX:
    x = "class x"


class DataDesc:
    class dd:
        def __get__(self, o, t):
            return "data desc"

        def __set__(self, o, v):
            pass

    x = dd()


def get(o):
    return o.x


def mk_hint():
    o = V(1)
    o.__dict__
    for i in range(40):
        setattr(o, f"f{i}", i)
    return o


def mod():
    m = types.ModuleType("m")
    m.x = "module x"
    return m


emptyslot = S.__new__(S)
novalue = V.__new__(V)
kinds = [
    ("V", V(1)), ("hint", mk_hint()), ("slot", S(2)), ("module", mod()), ("prop", Prop()), ("ga", GA()),
    ("gab", GAB()), ("class", ClassX()), ("classobj", ClassX), ("dd", DataDesc()), ("emptyslot", emptyslot),
    ("novalue", novalue), ("int", 5), ("none", None), ("math", math), ("dictsub", D()),
]


def safe(o):
    try:
        return get(o)
    except AttributeError as e:
        return "AttributeError: " + str(e)


def fresh():
    def g(o):
        return o.x

    return types.FunctionType(g.__code__.replace(), globals())


for warmname, warm in kinds:
    get = fresh()
    for i in range(120):
        safe(warm)
    print(warmname, [safe(o) for n, o in kinds if n != "math" or True])


def mutate(n):
    o = V(0)
    out = []
    for i in range(n):
        if i == 100:
            o.y = 1
        if i == 110:
            del o.x
        if i == 120:
            o.x = "again"
        if i == 130:
            o.__dict__["x"] = "via dict"
        if i == 140:
            o.__dict__ = {"x": "new dict"}
        if i == 150:
            V.x = property(lambda self: "class prop")
        if i == 160:
            del V.x
        if i == 170:
            V.x = "class attr"
        if i == 175:
            del o.x
        if i == 180:
            del V.x
        if i == 190:
            V.__getattr__ = lambda self, n: "ga " + n
        if i == 195:
            del V.__getattr__
        if i == 200:
            o.__class__ = ClassX
        try:
            r = o.x
        except AttributeError as e:
            r = str(e)
        if not out or out[-1] != r:
            out.append(r)
    return out


print(mutate(230))
m = mod()
get = fresh()


def modmut(n):
    out = []
    for i in range(n):
        if i == 100:
            m.y = 1
        if i == 120:
            m.x = 2
        if i == 140:
            del m.x
        if i == 160:
            m.__getattr__ = lambda n: "mod getattr " + n
        if i == 180:
            m.x = 3
        if i == 200:
            m.__dict__.clear()
        try:
            r = m.x
        except AttributeError as e:
            r = str(e)
        if not out or out[-1] != r:
            out.append(r)
    return out


print(modmut(220))
