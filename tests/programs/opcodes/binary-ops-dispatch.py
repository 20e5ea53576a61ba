# Operator overloading: reflected methods, subclass priority, in-place fallbacks, NotImplemented, patched classes.
# contract: 1 7
log = []


def mk(name, base=object, **m):
    d = {}
    for op in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and", "or", "xor", "matmul"):
        for pre in ("", "r", "i"):
            n = f"__{pre}{op}__"
            if m.get(pre or "n"):
                def f(self, o, *rest, n=n, v=m[pre or "n"]):
                    log.append(f"{name}.{n}")
                    return NotImplemented if v == "NI" else (name, n)

                d[n] = f
    return type(name, (base,), d)


Fwd = mk("Fwd", n="ok")
Rev = mk("Rev", r="ok")
NI = mk("NI", n="NI", r="NI", i="NI")
Inp = mk("Inp", i="ok")
InpNI = mk("InpNI", i="NI", n="ok")
SubFwd = mk("SubFwd", Fwd, r="ok")
IntRev = mk("IntRev", int, r="ok")
FloatRev = mk("FloatRev", float, n="ok", r="NI")
objs = [Fwd(), Rev(), NI(), Inp(), InpNI(), SubFwd(), IntRev(2), FloatRev(2.5), 5, 2.5, "s"]


def add(a, b):
    return a + b


def sub(a, b):
    return a - b


def mul(a, b):
    return a * b


def iadd(a, b):
    a += b
    return a


def isub(a, b):
    a -= b
    return a


def imul(a, b):
    a *= b
    return a


def power(a, b):
    return a**b


def mat(a, b):
    a @= b
    return a


for f in (add, sub, mul, iadd, isub, imul, power, mat):
    for i in range(120):
        try:
            f(i, 2)
        except TypeError:
            pass
    for a in objs:
        for b in objs:
            del log[:]
            try:
                r = f(a, b)
            except TypeError as e:
                r = str(e)
            print(f.__name__, type(a).__name__, type(b).__name__, r, log)


class Vec:
    def __init__(self, x):
        self.x = x

    def __add__(self, o):
        return Vec(self.x + o.x)

    def __neg__(self):
        return Vec(-self.x)


def vecs(n):
    v = Vec(0)
    for i in range(n):
        v = v + Vec(i)
        if i == 100:
            Vec.__add__ = lambda self, o: Vec(self.x - o.x)
        if i == 150:
            Vec.__iadd__ = lambda self, o: Vec(1000)
        if i == 160:
            v += Vec(1)
    return (-v).x


print(vecs(200))
import fractions

fr = fractions.Fraction(1, 3)
print(sum((fr * i for i in range(50)), 0), add(1, fr), add(fr, 0.5), sub(2, fr), mul(fr, 3))
print(pow(2, 10, 1000), pow(fr, 2), divmod(-7, 2), divmod(7.5, -2))
try:
    print("a" >> 1)
except TypeError as e:
    print(e)
import sys

try:
    print >> sys.stdout
except TypeError as e:
    print(e)
