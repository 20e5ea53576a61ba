# One hot function called again and again with ints, floats, bools, big ints, strings: every result and type.
# contract: 1 7
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def poly(a, b, n):
    t = a
    for i in range(n):
        t = t + a * b - i
    return t


def compare(a, b, n):
    c = 0
    i = 0
    while i < n:
        if a < b:
            c += 1
        a = a + 1
        i += 1
    return c, a


def loop_over(it):
    t = 0
    for v in it:
        t = t + v
    return t


vals = (1, 2.5, True, -7, 2**62, 2**64, -0.0, float("inf"), 0, 1e-300)
for rnd in range(3):
    for a in vals:
        for b in vals:
            r = poly(a, b, 100)
            s = compare(a, b, 50)
            if rnd == 2:
                print(a, b, repr(r), type(r).__name__, repr(s))
print(poly(1, 2, 6000), compare(0, 3000, 6000), compare(0.5, 3000, 6000), compare(2**63 - 100, 2**63, 6000))
for it in (range(6000), [1] * 100, [1.5] * 100, (True,) * 100, {1, 2}, range(2**64, 2**64 + 3), [1, 2.0], map(int, "123"), iter([5])):
    print(repr(loop_over(it)))
for bad in (["a"], [1, None], "ab", [(1,)], 5):
    try:
        print(loop_over(bad))
    except TypeError as e:
        print(e)


def strs(a, n):
    t = a
    for i in range(n):
        t = t + a
    return len(t) if isinstance(t, (str, list, tuple)) else t


for a in (1, "ab", 0.5, [1], (2,), 1j, True):
    print(strs(a, 200))


def fresh(n):
    return [make(k)(n) for k in range(5)]


def make(k):
    def f(n):
        t = 0
        for i in range(n):
            t += i * k
        return t

    return f


print(fresh(6000))
