# Names in class bodies: LOAD_NAME order, LOAD_CLASSDEREF, shadowing of enclosing variables, deletion.
# contract: 1
x = "global x"


def outer():
    x = "outer x"
    y = "outer y"

    class A:
        a = x
        x = "class x"
        b = x
        del x
        c = x
        loc = sorted(k for k in locals() if not k.startswith("__"))

        def meth(self):
            return x, y

        z = [x for _ in range(1)]

        class Inner:
            try:
                d = y
            except NameError as err:
                d = str(err)
            y = "inner class y"
            e = y

    return A, A.Inner


A, I = outer()
print(A.a, A.b, A.c, A.loc, A().meth(), A.z, I.d, I.e)


class B:
    first = x
    x = 1
    second = x
    del x
    third = x
    try:
        del x
    except NameError as e:
        err = str(e)
    for i in range(150):
        acc = i
    len = "shadow"
    l2 = len
    del len
    l3 = len("abc")


print(B.first, B.second, B.third, B.err, B.acc, B.i, B.l2, B.l3, hasattr(B, "x"))


class Prep(type):
    @classmethod
    def __prepare__(mcls, name, bases, **kw):
        class NS(dict):
            def __getitem__(self, k):
                log.append("get " + k)
                return dict.__getitem__(self, k)

            def __setitem__(self, k, v):
                log.append("set " + k)
                dict.__setitem__(self, k, v)

            def __delitem__(self, k):
                log.append("del " + k)
                dict.__delitem__(self, k)

            def __missing__(self, k):
                log.append("missing " + k)
                if k == "auto":
                    return "auto value"
                raise KeyError(k)

        return NS()

    def __new__(mcls, name, bases, ns, **kw):
        return super().__new__(mcls, name, bases, dict(ns))


log = []


def scope():
    free = "free"

    class P(metaclass=Prep):
        a = auto
        b = free
        c = x
        del a
        locals()["free"] = "from the namespace"
        d = free

    return P


P = scope()
print(P.b, P.c, P.d, log)


def unbound():
    class U:
        try:
            v = later
        except NameError as e:
            v = str(e)

    later = 1
    return U.v


for _ in range(3):
    print(unbound())


def cls_with_global():
    x = "local"

    class Gl:
        global x
        seen = x
        x = "set from class"

    return Gl.seen, x


print(cls_with_global(), x)


def cls_nonlocal():
    v = 1

    class N:
        nonlocal v
        v = 2
        w = v

    return v, N.w, hasattr(N, "v")


print(cls_nonlocal())


class Cell:
    def get(self):
        return __class__

    def sup(self):
        return super().__repr__().startswith("<__main__.Cell")


print(Cell().get() is Cell, Cell().sup())
