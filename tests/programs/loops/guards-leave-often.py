# Loops that leave their trace on every iteration, every 2nd, 7th and at random, still give exact results.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def every(n):
    t = 0
    x = 0
    for i in range(n):
        if x == 0:
            x = 0.5
        elif x == 0.5:
            x = True
        elif x is True:
            x = 2**64
        else:
            x = 0
        t = t + x
    return t


def second(n):
    t = 0
    for i in range(n):
        if i & 1:
            t += 1
        else:
            t -= 2
    return t


def seventh(n):
    t = 0
    u = 0.0
    for i in range(n):
        t += i
        if i % 7 == 0:
            u += t * 0.5
            t = 0
    return t, u


def random_branch(n):
    s = 12345
    a = b = c = d = 0
    for i in range(n):
        s = (s * 1103515245 + 12345) & 0x7FFFFFFF
        if s & 0x10000:
            if s & 0x20000:
                a += 1
            else:
                b += i
        elif s & 0x40000:
            c ^= i
        else:
            d -= 1
    return a, b, c, d


def deep_tree(n):
    t = 0
    for i in range(n):
        if i % 2:
            if i % 3:
                if i % 5:
                    t += 1
                else:
                    t += 2
            elif i % 7:
                t += 3
            else:
                t += 4
        elif i % 11:
            t += 5 if i % 13 else 6
        else:
            t = t - 7 if t > 100 else t + 8
    return t


def types_alternate(n):
    a = 1
    b = 1.0
    for i in range(n):
        a, b = b, a
        a = a + 1
        if a > 1000:
            a = 1
    return a, b


def types_seventh(n):
    x = 1
    c = 0
    for i in range(n):
        if i % 7 == 3:
            x = x * 1.0
        elif i % 7 == 5:
            x = int(x)
        x = x + 1
        c += type(x) is float
    return x, c


def sizes_alternate(n):
    x = 1
    y = 2**63
    t = 0
    for i in range(n):
        x, y = y, x
        t = (t + x) % 1000003
    return t, x, y


def rare_exit(n):
    t = 0
    for i in range(n):
        if i == 3001 or i == 4003 or i == 5009:
            t = -t
        t += i
    return t


def inner_trip_counts(n):
    t = 0
    for i in range(n):
        for j in range(i % 7):
            t += j
        k = i % 5
        while k:
            k -= 1
            t += 1
    return t


def early_inner_break(n):
    t = 0
    for i in range(n):
        for j in range(10):
            if j == i % 11:
                break
            t += 1
        else:
            t += 1000
    return t


for f in (every, second, seventh, random_branch, deep_tree, types_alternate, types_seventh, sizes_alternate, rare_exit, inner_trip_counts, early_inner_break):
    print(f.__name__, f(6000), f(6001))


def operands_alternate(n):
    t = 0.0
    for i in range(n):
        x = i if i & 1 else i + 0.5
        y = x * 2
        z = y - x
        t += z
    return t


def none_alternate(n):
    last = None
    c = 0
    for i in range(n):
        if last is None:
            last = i
        else:
            c += i - last
            last = None
    return c, last


print(operands_alternate(6000), none_alternate(6001))
