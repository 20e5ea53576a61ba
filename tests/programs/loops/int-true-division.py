# / of ints: correct rounding above 2**53, huge ratios, exact quotients, negative zero never from ints, overflow.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def ratio(n, a, b):
    t = 0.0
    for i in range(n):
        t = (a + i) / b
    return t


def sweep(n):
    t = 0.0
    a = 2**53 - 3000
    for i in range(n):
        a += 1
        t += a / 3 - a / 7
    return t


def sweep64(n):
    acc = 0
    a = 2**63 - 3000
    for i in range(n):
        a += 1
        acc ^= hash(a / (2**53 + 1 + i))
    return acc


vals = (0, 1, -1, 3, 2**53 - 1, 2**53 + 1, -(2**53) - 1, 2**62 + 1, 2**63 - 1, -(2**63), 2**64 + 1, 10**25, -(10**40), 2**1100)
for a in vals:
    for b in vals:
        try:
            r = ratio(30, a, b)
            print(a if abs(a) < 2**70 else "big", b if abs(b) < 2**70 else "big", repr(r), r.hex())
        except (ZeroDivisionError, OverflowError) as e:
            print(a if abs(a) < 2**70 else "big", b if abs(b) < 2**70 else "big", type(e).__name__, e)
print(repr(ratio(6000, 2**53, 3)), repr(sweep(6000)), sweep64(6000))


def mean(n):
    t = 0
    m = 0.0
    for i in range(1, n):
        t += i * i
        m = t / i
    return m


print(repr(mean(6000)))


def neg(n):
    z = 0.0
    for i in range(n):
        z = 0 / -(i + 1)
    return repr(z)


print(neg(6000))
