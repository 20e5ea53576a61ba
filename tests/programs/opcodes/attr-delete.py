# DELETE_ATTR on instances, slots, classes, modules, descriptors, with errors and re-creation.
# contract: 1
import types


class V:
    cls = 1


class S:
    __slots__ = ("x",)


class P:
    @property
    def x(self):
        return 1

    @x.deleter
    def x(self):
        print("deleter")


class RO:
    x = property(lambda self: 1)


class DA:
    def __delattr__(self, n):
        print("delattr", n)


def d(o):
    del o.x


def t(o):
    try:
        d(o)
        return "ok"
    except (AttributeError, TypeError) as e:
        return f"{type(e).__name__}: {e}"


v = V()
s = S()
m = types.ModuleType("mm")
for i in range(150):
    v.x = i
    d(v)
    s.x = i
    d(s)
    m.x = i
    d(m)
print(t(v), t(s), t(m), t(P()), t(RO()), t(DA()), t(5), t(V), t(int), t(None), sep="\n")
try:
    del v.cls
except AttributeError as e:
    print(e)
v.a, v.b, v.c = 1, 2, 3
del v.b
v.d = 4
v.b = 5
print(v.__dict__)
del v.__dict__
print(v.__dict__)
v.z = 1
print(v.__dict__)
try:
    del s.__class__
except TypeError as e:
    print(e)


class Noisy:
    def __del__(self):
        print("gone")


v.x = Noisy()
print("before")
del v.x
print("after")
s.x = Noisy()
del s.x
print("after slot")
