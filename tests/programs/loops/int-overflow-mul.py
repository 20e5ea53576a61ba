# Products, squares and powers that leave 64 bits inside hot loops, including -2**63 times -1.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def lcg(n):
    x = 12345
    for i in range(n):
        x = x * 6364136223846793005 + 1442695040888963407
        x = x & 0xFFFFFFFFFFFFFFFF
    return x


def lcg31(n):
    x = 1
    for i in range(n):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
    return x


def modmul(n, m):
    x = 3
    for i in range(n):
        x = x * x % m
        x += i
    return x


def fact(n):
    x = 1
    for i in range(1, n):
        x = x * i % 1000000000000000003
    return x


def growing(n):
    x = 1
    out = 0
    for i in range(n):
        x = x * 3
        if x > 10**30:
            out += 1
            x = 1
    return x, out


def neg(n):
    x = -(2**63)
    c = 0
    for i in range(n):
        y = x * -1
        if y == 2**63:
            c += 1
        z = -1 * x
        c += z == y
        x = -y
    return c, x, y


def edges(n):
    t = 0
    vals = 3037000499
    for i in range(n):
        a = vals + (i & 1)
        t += a * a > 2**63 - 1
        t += (-a) * a < -(2**63)
    return t


print(lcg(6000), lcg31(6000), fact(6000), growing(6000), neg(6000), edges(6000))
for m in (2**31 - 1, 2**32 - 5, 2**61 - 1, 2**63 - 25, 2**64 - 59, 2**89 - 1, 97):
    print(m, modmul(6000, m))


def pows(n):
    t = 0
    for i in range(n):
        t += (i & 15) ** 3 - (-(i & 7)) ** (i & 3)
    return t


def bigpow(n):
    t = 0
    for i in range(n):
        t ^= 3 ** (i & 63)
    return t


def negpow(n):
    t = 0.0
    for i in range(1, n):
        t += (i & 7 or 1) ** -2
    return t


print(pows(6000), bigpow(6000), repr(negpow(6000)))
