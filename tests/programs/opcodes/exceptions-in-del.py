# Exceptions raised in __del__ and weakref callbacks are reported through sys.unraisablehook and never propagate.
# contract: 1 2
import sys
import weakref


def hook(u):
    print("unraisable", u.exc_type.__name__, u.exc_value, u.err_msg, getattr(u.object, "__qualname__", u.object))


sys.unraisablehook = hook


class D:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        raise ValueError(self.n)


def overwrite():
    x = D("overwrite")
    x = 1
    print("after overwrite")


def ret():
    x = D("return")
    return "returned"


def unwind():
    x = D("unwind")
    raise KeyError("outer")


def in_handler():
    try:
        1 / 0
    except ZeroDivisionError:
        D("handler")
        print("in handler", repr(sys.exception()))
        raise


def in_loop(n):
    t = 0
    for i in range(n):
        if i % 50 == 0:
            D(i)
        t += i
    return t


def expr():
    return len([D("expr 1"), D("expr 2")]) + 1


overwrite()
print(ret())
for f in (unwind, in_handler):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e, repr(e.__context__))
print(in_loop(200), expr())


class Plain:
    pass


def cb(r):
    raise OSError("callback")


p = Plain()
w = weakref.ref(p, cb)
del p
print("after weakref", w())


def gen():
    try:
        yield 1
    finally:
        raise RuntimeError("in generator finally")


gen.__qualname__ = "gen"


def hook2(u):
    print("unraisable", u.exc_type.__name__, u.exc_value, u.err_msg)


sys.unraisablehook = hook2
g = gen()
next(g)
del g
print("after gen")


def gen2():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = gen2()
next(g)
del g
print("after ignoring gen")


class Res:
    def __del__(self):
        global saved
        saved = self


r = Res()
del r
print(type(saved).__name__)
saved = None


class Slow:
    def __del__(self):
        t = 0
        for i in range(6000):
            t += i
        print("loop in del", t)


def f():
    s = Slow()
    a = [0] * 3
    return a


print(f())
