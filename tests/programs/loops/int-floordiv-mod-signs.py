# // and % of ints with every sign combination, by powers of two, by 1, -1, at -2**63, in hot loops.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def divs(n, d):
    q = 0
    r = 0
    a = -(n // 2)
    for i in range(n):
        q += a // d * (i & 3)
        r += a % d
        a += 1
    return q, r


def edges(n, a, b):
    t = 0
    for i in range(n):
        t += a // b
        t ^= a % b
    return t, a // b, a % b


def bydivisor(n, a):
    t = 0
    for d in range(1, n):
        t += a // d + a % d
        t -= a // -d - a % -d
    return t


for d in (1, -1, 2, -2, 3, -3, 7, 8, -8, 10, 1000, -1000, 2**31, 2**62, -(2**62), 2**63, 2**70, True):
    print(d, divs(6000, d))
for a in (2**63 - 1, -(2**63), -(2**63) + 1, 2**63, -(2**64), 5, -5, 0, 2**100, -(2**100)):
    for b in (1, -1, 3, -3, 2**31, -(2**31), 2**63 - 1, -(2**63), 2**63, 2**80, -(2**80)):
        print(a, b, edges(20, a, b))
print(edges(6000, -(2**63), -1))
for a in (12345678901234567, -12345678901234567, 2**63 - 1, -(2**63), 0, 2**65):
    print(a, bydivisor(6000 if a == 2**63 - 1 else 500, a))


def collatz(limit):
    best = 0
    arg = 0
    for s in range(1, limit):
        n = s
        c = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            c += 1
        if c > best:
            best = c
            arg = s
    return best, arg


print(collatz(1500))


def gcds(n):
    t = 0
    for i in range(1, n):
        a = i * 7919 % 10007
        b = i
        while b:
            a, b = b, a % b
        t += a
    return t


print(gcds(2000))


def ddivmod(n):
    t = 0
    for i in range(-n, n):
        q, r = divmod(i, 7)
        t += q * 7 + r - i + r
    return t


print(ddivmod(3000))
