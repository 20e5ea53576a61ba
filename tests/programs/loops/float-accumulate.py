# Float sums, Kahan summation, Newton steps and polynomials: bit-exact results from hot loops.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def kahan(n):
    s = 0.0
    c = 0.0
    for i in range(1, n):
        y = 1.0 / i - c
        t = s + y
        c = (t - s) - y
        s = t
    return s.hex(), c.hex()


def newton(n):
    t = 0.0
    for i in range(1, n):
        x = i * 0.5
        g = x
        k = 0
        while k < 6:
            g = 0.5 * (g + x / g)
            k += 1
        t += g
    return t.hex()


def horner(n):
    x = -1.0
    s = 0.0
    for i in range(n):
        s += ((2.5 * x - 1.25) * x + 0.125) * x - 3.0
        x += 0.0003
    return s.hex(), x.hex()


def logistic(n):
    x = 0.3
    hits = 0
    for i in range(n):
        x = 3.99 * x * (1.0 - x)
        if x > 0.5:
            hits += 1
    return x.hex(), hits


def fma_trap(n):
    a = 1.0 + 2.0**-30
    s = 0.0
    for i in range(n):
        s += a * a - (1.0 + 2.0**-29)
        a += 2.0**-40
    return s.hex()


def reassoc(n):
    s = 1e16
    for i in range(n):
        s = s + 1.0 + 1.0
        s = s - (1.0 + 1.0)
    return repr(s)


def leibniz(n):
    s = 0.0
    sign = 1.0
    for k in range(n):
        s += sign / (2 * k + 1)
        sign = -sign
    return (4 * s).hex()


def mixed_order(n):
    a = 0.1
    b = 0.2
    c = 0.3
    for i in range(n):
        a, b, c = b * c + a, c - a, a * 0.5 + 0.25
        if a > 10.0:
            a -= 10.0
    return a.hex(), b.hex(), c.hex()


print(kahan(8000), newton(1500), horner(7000), logistic(8000), fma_trap(6000), reassoc(6000), leibniz(8000), mixed_order(7000))
