# Float /, //, % and ** in hot loops: signs, zeros, inf, NaN, exactness, complex results and overflow errors.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import math

inf, nan = math.inf, math.nan


def ops(n, a, b):
    q = f = m = 0.0
    for i in range(n):
        q = a / b
        f = a // b
        m = a % b
    return repr(q), repr(f), repr(m)


vals = (0.0, -0.0, 1.0, -1.0, 2.5, -2.5, 0.1, 1e308, -1e308, 5e-324, inf, -inf, nan, 3, -7, True)
for a in vals:
    for b in vals:
        try:
            r = ops(25, a, b)
        except ZeroDivisionError as e:
            r = str(e)
        print(a, b, r)
print(ops(6000, 7.3, -2.1), ops(6000, -7.3, 2.1), ops(6000, -0.0, 3.0), ops(6000, 1e17, 0.3))


def power(n, a, b):
    r = 0.0
    for i in range(n):
        r = a**b
    return repr(r)


for a in (0.0, -0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -8.0, inf, -inf, nan, 10.0, 2, -3, 0):
    for b in (0.0, -0.0, 1.0, 2.0, 3.0, -1.0, 0.5, -0.5, 1 / 3, 1000.0, inf, -inf, nan, 2, -2, 0):
        try:
            r = power(12, a, b)
        except (ZeroDivisionError, OverflowError) as e:
            r = f"{type(e).__name__} {e}"
        print(a, b, r)
print(power(6000, 1.5, 2.0), power(6000, 2.0, 0.5))


def to_complex(n):
    x = 50.0
    r = 0.0
    for i in range(n):
        r = x**0.5
        x -= 0.01
    return type(r).__name__, r.real < 1e-9


print(to_complex(6000))


def wrap(n):
    a = 0.0
    s = 0.0
    for i in range(n):
        a = (a + 0.7) % 6.283185307179586
        s += a // 1.5
        a -= (a // 7.0) * 7.0
    return repr(a), repr(s)


print(wrap(6000))


def modneg(n):
    s = 0.0
    x = -300.0
    for i in range(n):
        s += x % 0.7 - x % -0.7 + x // -0.7
        x += 0.1
    return repr(s)


print(modneg(6000))
