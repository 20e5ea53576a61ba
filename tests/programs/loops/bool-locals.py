# bool locals, not/and/or, comparison results kept in locals, arithmetic on bools, in hot loops.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def logic(n):
    a = True
    b = False
    c = 0
    for i in range(n):
        p = i % 2 == 0
        q = i % 3 == 0
        a = p and q
        b = p or q
        if a and not b:
            c += 1000000
        if not (a or b):
            c += 1
        if p != q:
            c += 2
        if p == (not q):
            c += 4
        if p is not q:
            c += 8
        if p and q or not p and not q:
            c += 16
    return a, b, c


def keep(n):
    seen = False
    count = 0
    for i in range(n):
        if not seen and i > 100:
            seen = True
        count += seen
    return seen, count


def arith(n):
    t = 0
    f = 0.0
    for i in range(n):
        b = i > n // 2
        t += b
        t = t * True + b * 2 - (not b)
        f += b * 0.5 + (b / 2)
        t += b + b
        t -= b << 2
        t += (b << 3) // (b + 1)
    return t, f


def values(n):
    x = y = z = 0
    for i in range(n):
        x = i % 3 and i % 5
        y = i % 3 or i % 5
        z = (i > 5 and i) or -1
        w = not i % 7 or 9
    return x, y, z, w


def kinds(n):
    b = False
    for i in range(n):
        b = b + 0 if i == n - 1 else i < 10
    return b, type(b).__name__, repr(not b)


def bool_chain(n):
    flags = 0
    for i in range(n):
        odd = bool(i & 1)
        big = i > 3000
        both = odd & big
        either = odd | big
        one = odd ^ big
        flags += both * 4 + either * 2 + one
    return flags, both, either, one, type(one).__name__


for f in (logic, keep, arith, values, kinds, bool_chain):
    print(f.__name__, f(6000), f(6001), f(2))


def ternary(n):
    s = 0
    up = True
    for i in range(n):
        s = s + 1 if up else s - 1
        up = False if s >= 50 else True if s <= 0 else up
    return s, up


print(ternary(6000))


def negate_only(n):
    b = True
    i = 0
    while i < n:
        b = not b
        i += 1
    return b, -b, +b, ~b


print(negate_only(6001))
