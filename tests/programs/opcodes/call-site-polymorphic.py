# One warm call site meets functions, methods, classes, builtins and non-callables in turn.
# contract: 1 7
class K:
    def __init__(self, a):
        self.a = a

    def __repr__(self):
        return f"K({self.a!r})"

    def meth(self, a):
        return ("meth", a)


class Callable:
    def __call__(self, a):
        return ("call", a)


class Meta(type):
    def __call__(cls, a):
        return ("metacall", a)


class M(metaclass=Meta):
    pass


class StaticCall:
    @staticmethod
    def __call__(a):
        return ("static", a)


class ClassCall:
    @classmethod
    def __call__(cls, a):
        return ("class", cls.__name__, a)


def pyfunc(a):
    return ("py", a)


def pydef(a, b="dflt"):
    return ("pydef", a, b)


def pyvar(*a):
    return ("pyvar", a)


def pygen(a):
    yield a


import functools
import operator


def site(f, a):
    return f(a)


targets = [
    pyfunc, pydef, pyvar, pygen, K, K(1).meth, Callable(), M, StaticCall(), ClassCall(),
    len, abs, str, tuple, type, list, dict, int, repr, sorted, iter, bool, print,
    functools.partial(pydef, b=4), operator.neg, "abc".index, [1].append, str.upper,
    operator.itemgetter(0), None, 5, K(2), object, Exception, (lambda x, y: x), super, staticmethod(pyfunc),
]
args = [(1, 2), "b", 7, None]


def one(f, a):
    try:
        r = site(f, a)
        n = type(r).__name__
        if n in ("generator", "list_iterator", "tuple_iterator", "str_iterator", "str_ascii_iterator"):
            return n, list(r)
        return n, r
    except Exception as e:
        return "raised", type(e).__name__, str(e)


for f in targets:
    for _ in range(70):
        one(pyfunc, 1)
    for a in args:
        print(getattr(f, "__name__", type(f).__name__), one(f, a))
for rnd in range(40):
    for f in targets[:12]:
        r = one(f, rnd)
print(r)
