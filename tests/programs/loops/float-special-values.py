# -0.0, NaN, inf and denormals through hot float arithmetic, comparisons and branches.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import math

nan, inf = math.nan, math.inf


def arith(n, a, b):
    s = 0.0
    d = 0.0
    p = 1.0
    q = 1.0
    for i in range(n):
        s = a + b
        d = a - b
        p = a * b
        q = -a
    return [repr(v) for v in (s, d, p, q)]


def branch(n, a, b):
    c = 0
    for i in range(n):
        if a < b:
            c += 1
        if a <= b:
            c += 2
        if a == b:
            c += 4
        if a != b:
            c += 8
        if a > b:
            c += 16
        if a >= b:
            c += 32
        if not a < b:
            c += 64
        if not a >= b:
            c += 128
        if a:
            c += 256
        if not b:
            c += 512
        while a != b:
            c += 1024
            break
        c += 2048 if a < b < 3.0 else 0
        c += (a == b) * 4096
    return c


vals = (0.0, -0.0, 1.0, -1.5, inf, -inf, nan, 5e-324, -5e-324, 1.7976931348623157e308, 2.2250738585072014e-308)
for a in vals:
    for b in vals:
        print(a, b, arith(40, a, b), branch(40, a, b))
for a, b in ((0.0, -0.0), (nan, 1.0), (inf, -inf), (1.0, 1.0)):
    print(arith(6000, a, b), branch(6000, a, b))


def overflow(n):
    x = 1.0
    first = -1
    for i in range(n):
        x = x * 1.2
        if x == inf and first < 0:
            first = i
    return repr(x), first, repr(x - x), repr(-x)


def underflow(n):
    x = 1.0
    first = -1
    for i in range(n):
        x = x * -0.8
        if x == 0.0 and first < 0:
            first = i
    return repr(x), first


def becomes_nan(n):
    x = 1e300
    y = 0.0
    c = 0
    for i in range(n):
        x = x * 10.0
        y = x - x
        if y == y:
            c += 1
    return repr(y), c


def negzero(n):
    z = 0.0
    s = 0
    for i in range(n):
        z = -z
        z = z * 1.0
        z = z + 0.0 if i % 1000 == 0 else z
        s += repr(z) == "-0.0"
    return repr(z), s


def zero_sums(n):
    a = -0.0
    b = 0.0
    c = -0.0
    for i in range(n):
        a = a + a
        b = a - b
        c = c - 0
    return repr(a), repr(b), repr(c), repr(-0.0 + 0), repr(0 * -1.0)


print(overflow(6000), underflow(6000), becomes_nan(6000), negzero(6000), zero_sums(6000))


def identity_of_nan(n):
    x = nan
    c = 0
    for i in range(n):
        if x is x and x != x:
            c += 1
        y = x + 1.0
        c += y != y
    return c, [x] == [x]


print(identity_of_nan(6000))
