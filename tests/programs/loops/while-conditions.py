# while loops: condition at top, bottom, in the middle, always true, else clauses, compound conditions.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def top(n):
    i = 0
    while i < n:
        i += 1
    return i


def down(n):
    t = 0
    while n:
        t += n
        n -= 1
    return t, n


def notn(n):
    i = -n
    while not i:
        i += 1
    while i != 0:
        i += 1
    while not i > n:
        i += 2
    return i


def middle(n):
    i = 0
    t = 0
    while True:
        i += 1
        if i > n:
            break
        if i & 1:
            continue
        t += i
    return i, t


def bottom(n):
    i = 0
    while 1:
        i += 3
        if not i < n:
            break
    return i


def compound(n):
    i = 0
    j = n
    while i < j and j > 0 or i < 10:
        i += 1
        j -= 1 if i % 3 else 2
    return i, j


def with_else(n, stop):
    i = 0
    while i < n:
        if i == stop:
            r = "broke"
            break
        i += 1
    else:
        r = "else"
    return i, r


def cont(n):
    i = 0
    c = 0
    while i < n:
        i += 1
        if i % 3 == 0:
            continue
        if i % 5 == 0:
            c += 10
            continue
        c += 1
    return c


def none_cond(n):
    x = n
    c = 0
    while x is not None:
        c += 1
        x = x - 1 if x > 0 else None
    while x is None:
        c += 1
        if c > n + 50:
            x = c
    return c


def floatcond(n):
    x = 0.0
    c = 0
    while x < 100.0:
        x += 0.01
        c += 1
    while x:
        x = x - 1.0 if x >= 1.0 else 0.0
        c += 1
    return c, x


def bools(n):
    go = True
    i = 0
    while go:
        i += 1
        go = i < n
    done = False
    while not done:
        i -= 1
        done = i == 0
    return i, go, done


def zero_trip(n):
    c = 0
    for k in range(n):
        while k < 0:
            c += 1
        while False:
            c += 1
        for z in range(0):
            c += 1
        c += 2
    return c


def nested_breaks(n):
    i = 0
    t = 0
    while i < n:
        i += 1
        j = 0
        while True:
            j += 1
            if j * j > i:
                break
            t += j
        else:
            t += 10**9
        if t > 10**8:
            break
    return i, t


for f in (top, down, notn, middle, bottom, compound, cont, none_cond, floatcond, bools, zero_trip, nested_breaks):
    print(f.__name__, f(6000 if f is not nested_breaks else 700))
print(with_else(6000, 5500), with_else(6000, -1), with_else(0, 0), top(0), top(-3), top(2.5), top(6000.5), down(6000), down(False))
print(top(True), with_else(10, 9))


def walrus(n):
    i = 0
    t = 0
    while (i := i + 1) < n:
        t += (k := i & 7)
    return i, t, k


print(walrus(6000))
