# Ints compared with floats near 2**53, 2**63 and beyond, and chained comparisons, in hot loops.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import math


def count(n, a, step, f):
    lt = eq = gt = ne = le = ge = 0
    for i in range(n):
        if a < f:
            lt += 1
        if a == f:
            eq += 1
        if a > f:
            gt += 1
        if f != a:
            ne += 1
        if f <= a:
            le += 1
        if not f >= a:
            ge += 1
        a += step
    return lt, eq, gt, ne, le, ge


cases = [
    (2**53 - 3000, 1, 2.0**53), (-(2**53) + 3000, -1, -(2.0**53)), (2**63 - 3000, 1, 2.0**63), (-(2**63) - 3000, 1, -(2.0**63)),
    (0, 1, 2999.5), (0, 1, math.nan), (0, 1, math.inf), (0, -1, -math.inf), (2**64, 1, 1e19), (10**400, 1, 1e308), (-(10**400), 1, 1e308),
    (-3000, 1, 0.0), (-3000, 1, -0.0), (2**53, 1, 2.0**53 + 2), (0, 1, 5e-324), (2**62, 1, 2.0**62 + 1024),
]
for a, s, f in cases:
    print(s, f, count(6000 if f == 2.0**53 else 4000, a, s, f))


def chained(n):
    c = 0
    for i in range(n):
        if 10 < i < 20:
            c += 1
        if 0 <= i % 7 < 3 <= i % 11:
            c += 100
        if i < 50.5 < i + 1:
            c += 100000
        if 5 > i > 2 or i == 2 == i:
            c += 10**7
        c += (1 < i % 5 <= 3) + (i == i != 5)
    return c


print(chained(6000))


def eqtypes(n):
    c = 0
    for i in range(n):
        f = i * 1.0
        if f == i:
            c += 1
        if f is i:
            c += 10**6
        if (i % 2) == (i % 2 == 1):
            c += 1
        if (i % 3 == 1) is True:
            c += 1
        if True == 1.0:
            c += 1
    return c


print(eqtypes(6000))


def bound(n, lo, hi):
    c = 0
    i = lo
    while lo <= i < hi:
        i += 1
        c += 1
        if c >= n:
            break
    return c, i


print(bound(6000, 0, 5999.5), bound(6000, -5, math.inf), bound(7000, 0.5, 6000), bound(6000, 2**63 - 5, 2**63 + 6000), bound(10, math.nan, 1), bound(6000, True, 6000))
