# Ints of one, two and three 30-bit digits move through hot arithmetic and comparisons.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def cross(n, start, step):
    x = start
    lt = 0
    eq = 0
    for i in range(n):
        x += step
        if x < 2**30:
            lt += 1
        if x == 2**60:
            eq += 1
        if x >= 2**60:
            lt += 7
    return x, lt, eq


for start, step in ((2**30 - 3000, 1), (2**30 + 3000, -1), (-(2**30) + 3000, -1), (2**60 - 3000, 1), (2**60 + 3000, -1), (-(2**60), 1), (0, 2**58), (2**59, 2**59), (2**15, 2**45 + 1)):
    print(start, step, cross(6000, start, step))


def products(n):
    t = 0
    a = 2**29 + 1
    b = 2**29 - 1
    for i in range(n):
        t += (a + i) * (b - i) - a * b
    return t


print(products(6000))


def small_edges(n):
    c = 0
    x = -10
    for i in range(n):
        x += 1
        if x > 300:
            x = -10
        y = x + 0
        if y is x:
            c += 1
    return c > 0


print(small_edges(6000))


def identities(n):
    c = 0
    for i in range(n):
        a = i % 200
        b = i % 200
        if a is b:
            c += 1
    return c


print(identities(6000))


def idsum(n):
    x = 250
    r = []
    for i in range(n):
        x = x + 1
        if x > 256:
            x = 0
        if i > n - 5:
            r.append(x is (x + 1 - 1))
    return r


print(idsum(6000))
