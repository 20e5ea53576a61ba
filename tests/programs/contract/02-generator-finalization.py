# Generators, coroutines and async generators close when their count reaches zero, in the same order as python3.11.
# contract: 2
import warnings

warnings.simplefilter("ignore")


class N:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)


def gen(tag):
    x = N(("local of", tag))
    try:
        print("start", tag)
        yield 1
        yield 2
    except GeneratorExit:
        print("GeneratorExit", tag)
        raise
    finally:
        print("finally", tag)


def break_out():
    for v in gen("loop"):
        break
    print("after break")


def overwrite():
    g = gen("a")
    next(g)
    g = gen("b")
    next(g)
    print("overwritten")


def unstarted():
    g = gen("unstarted")
    del g
    print("unstarted gone")


def exhausted():
    g = gen("exhausted")
    for _ in g:
        pass
    print("exhausted but alive")
    del g
    print("gone")


def in_exception():
    g = gen("exc")
    next(g)
    raise KeyError


def delegating():
    def outer():
        try:
            yield from gen("inner")
        finally:
            print("outer finally")

    o = outer()
    next(o)
    del o
    print("delegation gone")


def yields_in_finally():
    def bad():
        try:
            yield 1
        finally:
            yield "ignored GeneratorExit"

    import sys

    sys.unraisablehook = lambda u: print("unraisable", u.exc_type.__name__, u.exc_value)
    b = bad()
    next(b)
    del b


def coro():
    async def c():
        x = N("coroutine local")
        try:
            await Aw()
        finally:
            print("coroutine finally")

    class Aw:
        def __await__(self):
            try:
                yield
            finally:
                print("await finally")

    k = c()
    k.send(None)
    del k
    print("coroutine gone")


def comp():
    it = (N(i) for i in range(5))
    next(it)
    print("one made")
    x = next(it)
    del it
    print("iterator gone, value alive", x.n)


def holding_frame():
    import sys

    def g():
        n = N("frame local")
        yield sys._getframe()

    x = g()
    fr = next(x)
    del x
    print("generator gone", fr.f_code.co_name, sorted(fr.f_locals))
    del fr
    print("frame gone")


def numeric(n):
    def nums():
        x = N("numeric gen")
        i = 0
        while True:
            for k in range(5):
                i += k
            yield i

    t = 0
    for v in nums():
        t += v
        if v > n:
            break
    print("numeric", t)


for f in (break_out, overwrite, unstarted, exhausted, delegating, yields_in_finally, coro, comp, holding_frame):
    print("--", f.__name__)
    f()
try:
    in_exception()
except KeyError:
    print("caught, generator is in the traceback's frame")
print("handler left")
numeric(60000)
g1 = gen("module level 1")
next(g1)
g1 = None
print("end")
