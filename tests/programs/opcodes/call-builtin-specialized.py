# Specialised builtin calls (O, FAST, FAST with keywords, class, len, isinstance, append) hit, then miss.
# contract: 1 7
import builtins


def o_site(f, x):
    return f(x)


def len_site(x):
    return len(x)


def isinst_site(x, t):
    return isinstance(x, t)


def append_site(lst, x):
    lst.append(x)
    return lst


def str_site(x):
    return str(x)


def tuple_site(x):
    return tuple(x)


def type_site(x):
    return type(x)


def fast_site(a, b):
    return divmod(a, b)


def fastkw_site(x):
    return sorted(x, key=None, reverse=True)


def fastkw_pos_site(x):
    return sum(x, 5)


def class_site(x):
    return list(x)


def class2_site(x):
    return int(x, 16)


def noargs_site():
    return globals() is g


g = globals()
for i in range(200):
    o_site(abs, -i)
    len_site("x" * (i % 5))
    isinst_site(i, int)
    append_site([], i)
    str_site(i)
    tuple_site([i])
    type_site(i)
    fast_site(i, 7)
    fastkw_site([1, 3, 2])
    fastkw_pos_site([1, 2])
    class_site((1, i))
    class2_site("ff")
    noargs_site()


def t(f, *a):
    try:
        print(f.__name__, a, "->", f(*a))
    except Exception as e:
        print(f.__name__, a, "->", type(e).__name__, e)


class L(list):
    def append(self, x):
        list.append(self, ("sub", x))


class Lenner:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __repr__(self):
        return f"Lenner({self.n!r})"


class Duck:
    def append(self, x):
        return x


class MetaInst(type):
    def __instancecheck__(cls, o):
        print("instancecheck", o)
        return "yes"


class Fake(metaclass=MetaInst):
    pass


class S:
    def __str__(self):
        return 5

    def __repr__(self):
        return "S()"


t(o_site, abs, -3)
t(o_site, abs, "x")
t(o_site, len, 5)
t(o_site, ord, "ab")
t(len_site, {})
t(len_site, 5)
t(len_site, Lenner(3))
t(len_site, Lenner(-1))
t(len_site, Lenner(2**70))
t(len_site, Lenner("a"))
t(isinst_site, 1, (str, int))
t(isinst_site, True, int)
t(isinst_site, 1, 5)
t(isinst_site, 1, Fake)
t(isinst_site, 1, int | str)
t(append_site, L(), 1)
t(append_site, Duck, 1)
t(append_site, 5, 1)
t(append_site, [1], 2)
t(str_site, b"ab")
t(str_site, S())
t(tuple_site, 5)
t(tuple_site, "ab")
t(type_site, type)
t(fast_site, 1, 0)
t(fast_site, "a", 0)
t(fastkw_site, [1, "a"])
t(fastkw_site, 5)
t(fastkw_pos_site, ["a"])
t(class_site, 5)
t(class2_site, "zz")
t(class2_site, 5)

len = lambda x: ("shadowed len", x)
isinstance = lambda x, y: ("shadowed isinstance", x)
type = lambda x: ("shadowed type", x)
str = lambda x: ("shadowed str", x)
for _ in range(120):
    len_site("abc"), isinst_site(1, int), type_site(3), str_site(4)
t(len_site, "abc")
t(isinst_site, 1, int)
t(type_site, 3)
t(str_site, 4)
del len, isinstance, type, str
t(len_site, "abc")
t(isinst_site, 1, int)
t(type_site, 3)
t(str_site, 4)
saved = builtins.len
builtins.len = lambda x: "builtins.len replaced"
t(len_site, "abc")
builtins.len = saved
t(len_site, "abc")
