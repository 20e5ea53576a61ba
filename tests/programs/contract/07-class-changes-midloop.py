# Classes, methods, descriptors and bases change in the middle of hot loops, from callees, threads and handlers.
# contract: 7
import signal
import threading


class A:
    k = 1

    def m(self, x):
        return x + 1

    @property
    def p(self):
        return 2

    def __add__(self, o):
        return 10

    def __len__(self):
        return 3

    def __getitem__(self, i):
        return i

    def __bool__(self):
        return True

    def __call__(self, x):
        return x

    def __lt__(self, o):
        return True

    def __iter__(self):
        return iter((1,))

    def __contains__(self, x):
        return True

    def __enter__(self):
        return 1

    def __exit__(self, *a):
        pass


class B:
    k = 100

    def m(self, x):
        return x + 100


def change(i):
    if i == 200:
        A.k = 5
    elif i == 250:
        A.m = lambda self, x: x * 2
    elif i == 300:
        A.p = property(lambda self: 50)
    elif i == 350:
        A.__add__ = lambda self, o: o
    elif i == 400:
        A.__len__ = lambda self: 7
    elif i == 450:
        A.__getitem__ = lambda self, i: -i
    elif i == 500:
        A.__bool__ = lambda self: False
    elif i == 550:
        A.__call__ = lambda self, x: -x
    elif i == 600:
        A.__lt__ = lambda self, o: 0
    elif i == 650:
        A.__iter__ = lambda self: iter((5, 6))
    elif i == 700:
        A.__contains__ = lambda self, x: False
    elif i == 750:
        A.__enter__ = lambda self: 1000
    elif i == 800:
        A.p = 3
    elif i == 850:
        del A.k
        A.__getattr__ = lambda self, n: 11
    elif i == 900:
        A.__getattribute__ = lambda self, n: 77 if n == "k" else object.__getattribute__(self, n)
    elif i == 950:
        del A.__getattribute__


def uses(n):
    a = A()
    out = []
    for i in range(n):
        change(i)
        t = a.k + a.m(i) + a.p + (a + i) + len(a) + a[i] + (1 if a else 2) + a(i) + (a < 1) + sum(a) + (1 in a)
        for v in a:
            t += v
        with a as w:
            t += w
        if i % 50 in (0, 49):
            out.append(t - i)
    return out


print(uses(1000))


class Base1:
    def who(self):
        return 1


class Base2:
    def who(self):
        return 2


class Derived(Base1):
    pass


def bases(n):
    d = Derived()
    t = 0
    for i in range(n):
        t += d.who()
        if i == 500:
            Derived.__bases__ = (Base2,)
        if i == 700:
            Base2.who = lambda self: 3
        if i == 800:
            d.__class__ = Base1
        if i == 900:
            d.who = lambda: 100
    return t


print(bases(1000))


def func_changes(n):
    def f(x, k=1):
        return x + k

    def g(x, k=1):
        return x - k

    t = 0
    for i in range(n):
        t += f(i)
        if i == 300:
            f.__defaults__ = (2,)
        if i == 500:
            f.__code__ = g.__code__
        if i == 700:
            f.__defaults__ = (0.5,)
        if i == 800:
            f.__globals__["unused_global"] = 1
    return t


print(func_changes(1000))
sig_log = []


def handler(s, f):
    C.step = {1: 2.5, 2.5: 2**64, 2**64: True}[C.step]


class C:
    step = 1


signal.signal(signal.SIGUSR1, handler)


def by_signal(n):
    t = 0
    for i in range(n):
        t += C.step
        if i % 300 == 299:
            if type(C.step) is bool:
                break
            signal.raise_signal(signal.SIGUSR1)
    return t, i


print(by_signal(5000))


def by_thread(n):
    class D:
        v = 1

    def chg():
        D.v = 1000

    t = 0
    for i in range(n):
        t += D.v
        if i == n - 100:
            th = threading.Thread(target=chg)
            th.start()
            th.join()
    return t


print(by_thread(6000))


class Hook:
    def __init__(self):
        self.n = 0

    def __radd__(self, o):
        self.n += 1
        if self.n == 200:
            globals()["GK"] = 1000
        if self.n == 300:
            globals()["helper"] = lambda x: -1
        return o + 1


GK = 1


def helper(x):
    return x


def side_effect_operator(n):
    h = Hook()
    t = 0
    for i in range(n):
        t = t + GK
        t = t + h
        t = t + helper(1) + GK
    return t


print(side_effect_operator(500))
