# Weakref callbacks, weak containers and finalizers run at the point and in the order CPython runs them.
# contract: 2
import gc
import weakref


class O:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)


def cb(tag):
    return lambda r: print("callback", tag, r())


def plain():
    o = O("plain")
    r1 = weakref.ref(o, cb("r1"))
    r2 = weakref.ref(o, cb("r2"))
    r3 = weakref.ref(o)
    print(weakref.getweakrefcount(o), r1() is o)
    o = None
    print("after", r1(), r3())


def ref_dies_first():
    o = O("ref first")
    r = weakref.ref(o, cb("never"))
    del r
    o = None


def wvd():
    d = weakref.WeakValueDictionary()
    for i in range(3):
        d[i] = O(i)
        print("len", len(d))
    keep = d["k"] = O("kept")
    print(sorted(map(str, d)), len(d))
    del keep
    print(len(d))


def finalize():
    o = O("fin")
    f = weakref.finalize(o, print, "finalize called")
    print(f.alive)
    del o
    print(f.alive)


def in_loop(n):
    hits = []
    last = None
    for i in range(n):
        o = O.__new__(O)
        o.n = i
        r = weakref.ref(o, lambda r, i=i: hits.append(i))
        if last is not None and last() is not None:
            print("still alive", i)
        last = r
    return len(hits), hits[-1] if hits else None


def unwinding():
    def f():
        o = O("unwound")
        r.append(weakref.ref(o, cb("unwound")))
        raise ValueError

    r = []
    try:
        f()
    except ValueError as e:
        print("in handler", r[0]() is not None)
    print("after handler", r[0]())


def cycle():
    a, b = O("cyc a"), O("cyc b")
    a.o, b.o = b, a
    r = weakref.ref(a, cb("cycle ref"))
    del a, b
    print("before collect", r() is not None)
    print(gc.collect() > 0, r())


def callback_raises():
    import sys

    sys.unraisablehook = lambda u: print("unraisable", u.exc_type.__name__, u.exc_value)
    o = O("cb raises")
    r = weakref.ref(o, lambda r: 1 / 0)
    del o
    print("went on")


gc.disable()
O_del = O.__del__
for f in (plain, ref_dies_first, wvd, finalize, unwinding, cycle, callback_raises):
    print("--", f.__name__)
    f()
del O.__del__
print(in_loop(1000))


class Big:
    pass


class Proxy:
    def go(self):
        return 5


p = Proxy()
w = weakref.proxy(p)
t = 0
for i in range(300):
    t += w.go()
del p
try:
    w.go()
except ReferenceError as e:
    print(t, e)
wm = weakref.WeakMethod(Proxy().go)
print(wm())
