# Shifts in hot loops: overflow by <<, huge and zero counts, negative counts raising, negative operands.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import sys
import traceback


def left(n, x, s):
    t = 0
    for i in range(n):
        t ^= x << s
        t += (x << (i & 7)) & 255
    return t


def right(n, x, s):
    t = 0
    for i in range(n):
        t += x >> s
        t += x >> (i & 63)
    return t


for x in (1, -1, 0, 5, -5, 2**31, 2**62, -(2**62), 2**63 - 1, -(2**63), 2**63, -(2**70), True):
    print(x, [left(n, x, s) for n, s in ((6001, 1), (11, 0), (11, 31), (11, 61), (11, 62), (11, 63), (11, 64), (11, 100))])
    print(x, [right(n, x, s) for n, s in ((6001, 1), (11, 0), (11, 31), (11, 62), (11, 63), (11, 64), (11, 65), (11, 1000), (11, 2**62), (11, 2**63), (11, 2**80))])


def grow(n):
    x = 1
    c = 0
    for i in range(n):
        x = x << 1
        if x > 2**70:
            x = x >> 69
            c += 1
    return x, c


print(grow(7000))


def bits(n):
    t = 0
    for i in range(n):
        v = i
        while v:
            t += v & 1
            v >>= 1
    return t


print(bits(3000))


def xorshift(n):
    x = 88172645463325252
    for i in range(n):
        x ^= (x << 13) & 0xFFFFFFFFFFFFFFFF
        x ^= x >> 7
        x ^= (x << 17) & 0xFFFFFFFFFFFFFFFF
    return x


print(xorshift(6000))


def neg_count(n, left):
    t = 0
    s = n - 10
    for i in range(n):
        if left:
            t += 1 << (s & 15 if s > 0 else s)
        else:
            t += 1000 >> (s & 15 if s > 0 else s)
        s -= 1
    return t


for l in (True, False):
    try:
        neg_count(6000, l)
    except ValueError:
        traceback.print_exc(file=sys.stdout)


def huge(n):
    t = 0
    s = 0
    try:
        for i in range(n):
            if i == n - 2:
                s = 2**62
            t = 0 << s
            t += 1 << (s & 7)
        return t, "zero shifted by a huge count"
    except (OverflowError, MemoryError) as e:
        return type(e).__name__, str(e)


print(huge(6000))


def toolarge(n):
    s = 3
    for i in range(n):
        x = 1 << s
        if i == n - 2:
            s = 2**64
    return x


try:
    toolarge(6000)
except (OverflowError, MemoryError) as e:
    print(type(e).__name__)


def inplace(n):
    x = 3
    for i in range(n):
        x <<= 2
        x >>= 1
        x &= 0xFFFF
        x |= 1
    return x


print(inplace(6000))
