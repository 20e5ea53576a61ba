# Augmented assignments of every operator, tuple swaps and rotations of numeric locals in hot loops.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def ints(n):
    a = 1
    b = 7
    for i in range(n):
        a += b
        a -= i
        a *= 3
        a //= 2
        a %= 10007
        a <<= 2
        a >>= 1
        a |= 5
        a &= 0xFFFF
        a ^= b
        b = -b if a & 1 else b + 1
    return a, b


def floats(n):
    x = 1.0
    for i in range(n):
        x += 0.5
        x -= 0.25
        x *= 1.01
        x /= 1.009
        x %= 50.0
        x **= 0.999
    return x.hex()


def mixed(n):
    x = 1
    y = 0.5
    for i in range(n):
        x += i
        y += x
        y /= 3
        x //= 2
        y -= i
    return x, y.hex()


def swaps(n):
    a, b, c, d = 1, 2, 3, 4
    for i in range(n):
        a, b = b, a
        b, c, d = c, d, b
        a, b, c, d = d, c, b, a + 1
    return a, b, c, d


def rot_types(n):
    a, b, c = 1, 2.5, True
    for i in range(n):
        a, b, c = b, c, a
    return a, b, c


def chain(n):
    a = b = c = 0
    for i in range(n):
        a = b = c + i
        c = a = a - b + i
        b += a
    return a, b, c


def unpack_const(n):
    t = 0
    for i in range(n):
        (x, y), z = (i, i + 1), i + 2
        t += x * y - z
    return t


def fibm(n):
    a, b = 0, 1
    for i in range(n):
        a, b = b, (a + b) % 1000000007
    return a


for f in (ints, floats, mixed, swaps, rot_types, chain, unpack_const, fibm):
    print(f.__name__, f(6000), f(6001), f(0))


def divaug(n):
    a = 10**18
    for i in range(n):
        a /= 1
        a += 1
    return a, type(a).__name__


def powaug(n):
    a = 3
    t = 0
    for i in range(n):
        a **= 2
        a %= 1009
        t += a
    return t


print(divaug(6000), powaug(6000))
