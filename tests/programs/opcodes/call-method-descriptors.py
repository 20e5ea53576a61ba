# Specialised method-descriptor calls (no args, O, FAST, FAST with keywords) hit, then meet other types.
# contract: 1 7
def noargs(x):
    return x.copy()


def o(x, y):
    return x.count(y)


def fast(x, y):
    return x.get(y, "none")


def fast_str(x):
    return x.find("b", 1)


def fastkw(x):
    return x.split(",", maxsplit=1)


def fastkw2(x):
    return x.encode("utf-8", errors="strict")


def upper(x):
    return x.upper()


def unbound_noargs(x):
    return list.copy(x)


def unbound_o(x):
    return str.join(x, ["p", "q"])


def varargs(x):
    return x.format(1, 2)


for i in range(250):
    noargs([i])
    o("banana", "a")
    fast({1: 2}, i)
    fast_str("abcb")
    fastkw("a,b,c")
    fastkw2("abc")
    upper("abc")
    unbound_noargs([1])
    unbound_o("-")
    varargs("{}{}")


class Duck:
    def copy(self):
        return "duck copy"

    def count(self, y):
        return ("duck", y)

    def get(self, y, d):
        return ("duckget", y, d)

    def find(self, *a):
        return a

    def split(self, *a, **k):
        return a, k

    encode = split
    format = find

    def upper(self):
        raise KeyError("up")


def t(f, *a):
    try:
        print(f.__name__, "->", f(*a))
    except Exception as e:
        print(f.__name__, "->", type(e).__name__, e)


class Str(str):
    pass


for _ in range(2):
    for rep in range(80):
        noargs({1: 2})
    t(noargs, {1, 1})
    t(noargs, {1: 2})
    t(noargs, (1,))
    t(noargs, Duck())
    t(noargs, bytearray(b"ab"))
    t(o, [1, 1, 2], 1)
    t(o, "aa", 5)
    t(o, (1,), 1)
    t(o, Duck(), 4)
    t(o, b"aab", b"a")
    t(fast, {1: 2}, 1)
    t(fast, {1: 2}, [])
    t(fast, Duck(), 1)
    t(fast, 5, 1)
    t(fast_str, b"ab")
    t(fast_str, Duck())
    t(fastkw, b"a,b")
    t(fastkw, Duck())
    t(fastkw, Str("p,q,r"))
    t(fastkw2, "\udc80")
    t(fastkw2, Duck())
    t(upper, Duck())
    t(upper, Str("z"))
    t(upper, 5)
    t(upper, str)
    t(unbound_noargs, [])
    t(unbound_noargs, 5)
    t(unbound_noargs, (1,))
    t(unbound_o, "+")
    t(unbound_o, b"+")
    t(varargs, "{0}")
    t(varargs, "{2}")
    t(varargs, Duck())
