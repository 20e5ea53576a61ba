# A numeric local becomes None, str or list late in a hot loop: TypeErrors with exact tracebacks and locals.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import sys
import traceback


def add(n, v):
    t = 0
    x = 1
    for i in range(n):
        t = t + x
        if i == n - 3:
            x = v
    return t


def sub(n, v):
    t = 0.0
    x = 1.5
    for i in range(n):
        t -= x
        if i == n - 3:
            x = v
    return t


def cmp(n, v):
    x = 5
    c = 0
    for i in range(n):
        if i < x:
            c += 1
        if i == n - 3:
            x = v
    return c


def while_cmp(n, v):
    i = 0
    lim = n
    while i < lim:
        i += 1
        if i == n - 3:
            lim = v
        if i > n + 100:
            break
    return i


def neg(n, v):
    x = 1
    t = 0
    for i in range(n):
        t += -x
        if i == n - 3:
            x = v
    return t


def bit(n, v):
    x = 1
    t = 0
    for i in range(n):
        t ^= (i << 1) & x
        if i == n - 3:
            x = v
    return t


def mul_ok(n, v):
    x = 2
    for i in range(n):
        y = x * 3
        if i == n - 3:
            x = v
    return y


def rng(n, v):
    t = 0
    stop = 3
    for i in range(n):
        for j in range(stop):
            t += j
            if j > 50:
                break
        if i == n - 3:
            stop = v
    return t


def truth(n, v):
    x = 1
    c = 0
    for i in range(n):
        if x:
            c += 1
        if i == n - 3:
            x = v
    return c


class Num:
    def __add__(self, o):
        return ("Num+", o)

    def __radd__(self, o):
        return ("+Num", o)

    def __lt__(self, o):
        return False

    def __gt__(self, o):
        return False

    def __neg__(self):
        return 5

    def __index__(self):
        return 2

    def __bool__(self):
        raise ValueError("no truth")

    def __rsub__(self, o):
        return 9.0

    def __and__(self, o):
        return 1

    __rand__ = __and__
    __mul__ = __add__


class MyInt(int):
    def __add__(self, o):
        return ("MyInt+", o)

    __radd__ = __add__

    def __lt__(self, o):
        return False

    __gt__ = __lt__

    def __neg__(self):
        return 100


class MyFloat(float):
    def __radd__(self, o):
        return 42.0

    def __rsub__(self, o):
        return 43.0


for f in (add, sub, cmp, while_cmp, neg, bit, mul_ok, rng, truth):
    for v in (None, "s", [1], Num(), MyInt(3), MyFloat(2.5), 2.5, 2**80, True, 1j):
        try:
            print(f.__name__, type(v).__name__, f(6000 if v is None else 300, v))
        except (TypeError, ValueError) as e:
            if v is None:
                traceback.print_exc(file=sys.stdout)
            l = e.__traceback__.tb_next.tb_frame.f_locals
            print(f.__name__, type(v).__name__, e, {k: l[k] for k in l if k in "tic" and not isinstance(l[k], (Num, tuple))})
