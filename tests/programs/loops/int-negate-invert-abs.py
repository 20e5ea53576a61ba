# Unary minus, plus and invert of ints at 2**63, bools and changing signs in hot loops.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def flip(n, x):
    for i in range(n):
        x = -x
    return x


def walk(n, x):
    c = 0
    for i in range(n):
        y = -x
        if y < 0:
            c += 1
        elif y == 0:
            c += 100000
        x = +y + 1
    return x, c


def inv(n, x):
    t = 0
    for i in range(n):
        x = ~x
        t += x & 3
    return x, t


def boolneg(n):
    b = True
    t = 0
    for i in range(n):
        b = not b
        t += -b + ~b
    return t, b, -b


for x in (0, 1, -1, 2**62, 2**63 - 1, -(2**63), 2**63, -(2**63) - 1, 2**64, 2**90, 2**30, -(2**30), True):
    r = flip(6001, x), walk(6000, x), inv(6001, x)
    print(x, r, [type(v).__name__ for v in (r[0], r[2][0])])
print(boolneg(6000))
