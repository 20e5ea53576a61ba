# STORE_ATTR forms (instance value, hint, slot) hit, then miss by type, descriptor and dict changes.
# contract: 1 7
import types


class V:
    pass


class W:
    def __init__(self):
        self.a = self.b = self.c = 0


class S:
    __slots__ = "x"


class P:
    log = []

    @property
    def x(self):
        return 1

    @x.setter
    def x(self, v):
        self.log.append(v)


class RO:
    @property
    def x(self):
        return 1


class SA:
    def __setattr__(self, n, v):
        object.__setattr__(self, n, ("set", v))


class NoDict:
    __slots__ = ()


class Hint:
    pass


def hint():
    o = Hint()
    o.__dict__
    o.x = 0
    for i in range(40):
        o.__dict__[f"k{i}"] = i
    return o


def read(o):
    try:
        return o.x
    except AttributeError as e:
        return str(e)


def fresh():
    def st(o, v):
        o.x = v

    return types.FunctionType(st.__code__.replace(), globals())


mk = [V, W, S, P, RO, SA, NoDict, hint, lambda: types.ModuleType("m"), lambda: type("T", (), {}), lambda: 5, lambda: None]
for w in range(len(mk)):
    st = fresh()
    for i in range(120):
        try:
            st(mk[w](), i)
        except (AttributeError, TypeError):
            pass
    same = mk[w]()
    for i in range(120):
        try:
            st(same, i)
        except (AttributeError, TypeError):
            pass
    row = []
    for m in mk:
        o = m()
        try:
            st(o, "v")
            row.append(read(o))
        except (AttributeError, TypeError) as e:
            row.append(str(e))
    print(w, row)
print(len(P.log), P.log[-1])


def order(n):
    res = []
    for i in range(n):
        o = V()
        if i % 3 == 0:
            o.a = 1
            o.x = i
            o.b = 2
        elif i % 3 == 1:
            o.x = i
            o.a = 1
        else:
            o.__dict__["z"] = 0
            o.x = i
        res.append(tuple(o.__dict__))
    return sorted(set(res))


print(order(300))


class Noisy:
    def __init__(self, t):
        self.t = t

    def __del__(self):
        print("del", self.t)


def overwrite():
    o = V()
    for i in range(3):
        o.x = Noisy(i)
    s = S()
    for i in range(3):
        s.x = Noisy(10 + i)
    print("end overwrite")


for _ in range(1):
    overwrite()
try:
    int.x = 1
except TypeError as e:
    print(e)
try:
    (5).real = 1
except AttributeError as e:
    print(e)
o = V()
o.x, o.y = o, 5
print(o.x.x.y)
o.x = None


def aug(o, n):
    for i in range(n):
        o.n += i
    return o.n


o.n = 0
s = types.SimpleNamespace(n=0.5)
print(aug(o, 200), aug(s, 200), aug(o, 3))
