# Calling classes: __new__, __init__, metaclass __call__, wrong returns, exceptions from each.
# contract: 1 7
class Plain:
    pass


class Init:
    def __init__(self, a, b=2):
        self.v = (a, b)


class New:
    def __new__(cls, *a):
        o = super().__new__(cls)
        o.v = ("new", a)
        return o


class NewOther:
    def __new__(cls, a):
        return a

    def __init__(self, a):
        print("init must not run for", a)


class NewSub(int):
    def __new__(cls, v, extra=None):
        return int.__new__(cls, v)

    def __init__(self, v, extra=None):
        self.extra = extra


class BadInit:
    def __init__(self):
        return 5


class RaiseInit:
    def __init__(self):
        raise LookupError("init")

    def __del__(self):
        print("del RaiseInit")


class Meta(type):
    count = 0

    def __call__(cls, *a, **k):
        Meta.count += 1
        return super().__call__(*a, **k)


class WithMeta(metaclass=Meta):
    def __init__(self, x=0):
        self.v = x


class Slots:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


class Exc(Exception):
    def __init__(self, a, *, code):
        super().__init__(a)
        self.code = code


def make(cls, *a):
    try:
        o = cls(*a)
    except Exception as e:
        return type(e).__name__, str(e)
    return type(o).__name__, getattr(o, "v", None), getattr(o, "extra", None)


def site(i):
    return Plain(), Init(i), Init(i, 3), New(i), NewOther(i), NewSub(i, i), WithMeta(i), Slots(i, i), Exc(i, code=1)


for i in range(250):
    r = site(i)
print([type(x).__name__ for x in r], r[1].v, r[3].v, r[4], r[5] + 1, r[5].extra, r[6].v, r[7].b, r[8].code, Meta.count)
for cls, args in [
    (Plain, (1,)), (Init, ()), (Init, (1, 2, 3)), (New, (1, 2)), (NewOther, ()), (NewSub, ("x",)),
    (BadInit, ()), (RaiseInit, ()), (WithMeta, (1, 2)), (Slots, (1,)), (Exc, (1,)), (int, ("12", 3)), (object, (1,)),
]:
    print(cls.__name__, make(cls, *args))


def change(n):
    out = []
    for i in range(n):
        if i == 100:
            Init.__init__ = lambda self, a: setattr(self, "v", ("patched", a))
        if i == 130:
            Init.__new__ = lambda cls, a: object.__new__(Plain)
        if i == 160:
            del Init.__new__
        if i == 190:
            del Init.__init__
        try:
            o = Init(i)
            r = type(o).__name__, getattr(o, "v", None)
        except TypeError as e:
            r = str(e)
        if i % 30 == 10 or i == n - 1:
            out.append(r)
    return out


for row in change(220):
    print(row)
