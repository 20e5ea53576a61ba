# Calls of every shape bind the same arguments, at cold and at warm sites.
# contract: 1
def f0():
    return ()


def f3(a, b, c):
    return a, b, c


def fd(a, b=2, c=3):
    return a, b, c


def fv(*args, **kwargs):
    return args, sorted(kwargs.items())


def fko(a, *, k, d=9):
    return a, k, d


def fpo(a, b=5, /, c=6, *, d=7):
    return a, b, c, d


def fall(a, /, b, c=3, *args, d, e=5, **kw):
    return a, b, c, args, d, e, sorted(kw.items())


def posonly_name_in_kwargs(a, /, **kw):
    return a, sorted(kw.items())


class C:
    def m(self, x, y=1):
        return type(self).__name__, x, y

    @classmethod
    def c(cls, x, *, y=2):
        return cls.__name__, x, y

    @staticmethod
    def s(x, y=3):
        return x, y


def sites(i):
    o = C()
    out = []
    out.append(f0())
    out.append(f3(i, 2, 3))
    out.append(f3(i, c=2, b=3))
    out.append(f3(c=i, b=2, a=3))
    out.append(fd(i))
    out.append(fd(i, 7))
    out.append(fd(i, c=7))
    out.append(fd(b=i, a=7))
    out.append(fv())
    out.append(fv(i, 1, x=2))
    out.append(fv(*(i, 2), *[3], z=1, **{"y": 4}))
    out.append(fko(i, k=1))
    out.append(fko(i, d=3, k=1))
    out.append(fko(k=i, a=1))
    out.append(fpo(i))
    out.append(fpo(i, 1, 2, d=3))
    out.append(fpo(i, d=3, c=4))
    out.append(fall(i, 1, d=0))
    out.append(fall(i, 1, 2, 3, 4, d=0, z=1, y=2))
    out.append(fall(*[i, 1], **{"d": 1, "q": 2}))
    out.append(posonly_name_in_kwargs(i, a=5))
    out.append(o.m(i))
    out.append(o.m(i, y=8))
    out.append(C.m(o, i))
    out.append(o.c(i))
    out.append(C.c(i, y=i))
    out.append(o.s(i))
    out.append(C.s(i, 1))
    bound = o.m
    out.append(bound(i, 2))
    out.append(bound(x=i))
    return out


for row in sites(0):
    print(row)
last = None
for i in range(300):
    last = sites(i)
for row in last:
    print(row)
print(len(repr(last)))
