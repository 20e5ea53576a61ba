# Operands seen by C code through ctypes and by methods have counts no lower than python3.11 shows.
# contract: 3
import ctypes
import sys


def count_of(addr):
    return ctypes.c_ssize_t.from_address(addr).value


def borrowed(n):
    x = [1.5, "unique"]
    a = id(x)
    out = set()
    for i in range(n):
        out.add(count_of(a))
        y = x
        out.add(count_of(a) + 10)
        z = (x, y)
        out.add(count_of(a) + 20)
        del y, z
    return sorted(out)


print(borrowed(500))


def param(x, a):
    return count_of(a)


def inner(n):
    o = object()
    s = set()
    for i in range(n):
        s.add(param(o, id(o)))
    return sorted(s)


print(inner(300))


def through_float(n):
    f = 1.5
    t = 0.0
    big = object()
    a = id(big)
    lst = [big] * 5
    for i in range(n):
        t += f * i
        if i % 1000 == 0:
            t += count_of(a)
    return t


print(through_float(6000))


class Recorder:
    def __init__(self):
        self.seen = set()

    def __radd__(self, o):
        self.seen.add(("radd", sys.getrefcount(o) if not isinstance(o, (int, float)) else "num"))
        return 1

    def __rmul__(self, o):
        return self.__radd__(o)

    def __index__(self):
        self.seen.add(("index", sys.getrefcount(self)))
        return 0

    def __hash__(self):
        self.seen.add(("hash", sys.getrefcount(self)))
        return 5

    def __eq__(self, o):
        self.seen.add(("eq", sys.getrefcount(self), sys.getrefcount(o)))
        return True

    def __lt__(self, o):
        self.seen.add(("lt", sys.getrefcount(self)))
        return True

    def __str__(self):
        self.seen.add(("str", sys.getrefcount(self)))
        return "s"

    def __format__(self, s):
        self.seen.add(("format", sys.getrefcount(self)))
        return "f"

    def __bool__(self):
        self.seen.add(("bool", sys.getrefcount(self)))
        return True

    def __neg__(self):
        self.seen.add(("neg", sys.getrefcount(self)))
        return 1


def all_ops(n):
    r = Recorder()
    o = [9]
    l = [o, o]
    d = {r: o}
    for i in range(n):
        o + r if False else None
        i + r
        1.5 * r
        l[r]
        d[r]
        d[r] = o
        r < r
        r == o
        f"{r}{r!s}"
        str(r)
        -r
        if r:
            pass
        not r
        r and 1
        l[r:1]
        r in l
        r in d
        {r: 1}
        {r}
    return sorted(map(str, r.seen))


for line in all_ops(300):
    print(line)


def str_resize():
    s = "".join(["a", "b"])
    keep = s
    for i in range(100):
        s += "x"
    return keep, len(s)


print(str_resize())


def tuple_args(*a):
    return sys.getrefcount(a)


t = (1, 2, object())
print(tuple_args(*t), tuple_args(1, 2), sys.getrefcount(t))
for i in range(200):
    r = tuple_args(*t), tuple_args(i)
print(r)
