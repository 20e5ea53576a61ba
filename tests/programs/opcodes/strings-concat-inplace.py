# String building: + and += in place, aliasing, refcounts, other kinds and sizes, locals, globals, attributes.
# contract: 1 3
import sys


def inplace(n):
    s = ""
    for i in range(n):
        s += "ab"
    return s


def alias(n):
    s = "start"
    keep = []
    for i in range(n):
        t = s
        s += str(i % 10)
        if i % 50 == 0:
            keep.append(t)
    return s, keep


def kinds(n):
    s = ""
    for i in range(n):
        s = s + ("a", "\u00e9", "\u20ac", "\U0001f600")[i * 4 // n]
    return s


def store_elsewhere(n):
    s = "x"
    for i in range(n):
        u = s + "y"
        s = u
    return s is u, len(s)


def selfadd(n):
    s = "ab"
    for i in range(n):
        s += s
        s = s[:4]
    return s


def cellstr(n):
    s = ""

    def show():
        return len(s)

    for i in range(n):
        s += "c"
        if i % 60 == 0:
            show()
    return show()


class Str(str):
    def __add__(self, o):
        return Str("[" + str.__add__(self, o) + "]")

    def __radd__(self, o):
        return "radd"


def sub(n):
    s = Str("q")
    for i in range(n):
        s = s + "z"
        if len(s) > 20:
            s = Str("q")
    return s, type(s).__name__


def mixed(n):
    out = []
    x = "a"
    for i in range(n):
        if i == 120:
            x = b"a"
        if i == 140:
            x = [1]
        if i == 160:
            x = (1,)
        if i == 180:
            x = Str("S")
        y = {"str": "b", "bytes": b"b", "list": [2], "tuple": (2,), "Str": "b"}[type(x).__name__]
        r = x + y
        if i % 20 == 19:
            out.append(r)
    return out


print(len(inplace(5000)), alias(200)[1], len(kinds(200)), kinds(200)[48:52], kinds(200)[98:102] == "\u00e9\u00e9\u20ac\u20ac")
print(store_elsewhere(200), selfadd(200), cellstr(200), sub(100), mixed(200))
g = ""
for i in range(200):
    g += "g"
print(len(g))


class O:
    pass


o = O()
o.s = ""
d = {"s": ""}
for i in range(200):
    o.s += "o"
    d["s"] += "d"
print(len(o.s), len(d["s"]))
a = "shared" + str(len(d))
b = a
a += "!"
print(a, b)


def arg(s):
    s += "tail"
    return s


v = "head" + str(len(d))
for _ in range(150):
    r = arg(v)
print(v, r)


def refs():
    s = "".join(["un", "ique"])
    t = s
    n = sys.getrefcount(s)
    s += "x"
    return n, sys.getrefcount(t), s, t


for _ in range(150):
    r = refs()
print(r)
for f in (lambda: "a" + 1, lambda: 1 + "a", lambda: "a" + None, lambda: "a" + b"b", lambda: "a" * "b", lambda: "%d" % "x"):
    try:
        f()
    except TypeError as e:
        print(e)


def bad(n):
    s = ""
    try:
        for i in range(n):
            s += "k" if i < n - 1 else 5
    except TypeError as e:
        return len(s), str(e)


print(bad(200))
