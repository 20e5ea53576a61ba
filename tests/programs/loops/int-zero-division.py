# Division and modulo by zero late in hot int and float loops: tracebacks, state of locals, loop resumed after.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import sys
import traceback


def floordiv(n):
    t = 0
    for i in range(n):
        t += 1000 // (n - 2 - i)
    return t


def mod(n):
    t = 0
    for i in range(n):
        t += 1000 % (n - 2 - i)
    return t


def true(n):
    t = 0
    for i in range(n):
        t += 1000 / (n - 2 - i)
    return t


def fdiv(n):
    t = 0.0
    x = float(n - 2)
    for i in range(n):
        t += 1.0 / x
        x -= 1.0
    return t


def ffloor(n):
    t = 0.0
    x = float(n - 2)
    for i in range(n):
        t += 10.5 // x
        x -= 1.0
    return t


def fmod(n):
    t = 0.0
    x = float(n - 2)
    while True:
        t += 10.5 % x
        x -= 1.0


def zeropow(n):
    t = 0.0
    x = float(n - 2)
    while True:
        t += x**-1.0
        x -= 1.0


def boolzero(n):
    t = 0
    i = 0
    while True:
        t += i // (i < n)
        i += 1


def aug(n):
    t = 10**9
    for i in range(n):
        t //= i < n - 5
        t += 3
    return t


def on_stack(n):
    t = 0
    for i in range(n):
        t = t + (i * 2 + (i - (i + 7) // (n - 9 - i)))
    return t


for f in (floordiv, mod, true, fdiv, ffloor, fmod, zeropow, boolzero, aug, on_stack):
    for _ in range(2):
        try:
            f(6000)
        except ZeroDivisionError as e:
            l = e.__traceback__.tb_next.tb_frame.f_locals
            print(f.__name__, {k: v for k, v in l.items()})
            traceback.print_exc(file=sys.stdout)


def resumed(n):
    t = 0
    bad = 0
    for i in range(n):
        try:
            t += 100 // (i % 997)
        except ZeroDivisionError:
            bad += 1
    return t, bad


print(resumed(8000))


def whole(n):
    try:
        t = 0
        for i in range(n):
            t += i // (n - 1 - i)
    except ZeroDivisionError:
        return t, i
    finally:
        t = "finally"


print(whole(6000))
