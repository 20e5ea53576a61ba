# Numeric loops at module level, in class bodies, exec namespaces and over closure cells.
# contract: 1
t = 0
x = 0.5
for i in range(6000):
    t += i
    x = x * 0.5 + i
print(t, x, i)
while t > 0:
    t -= 5000
print(t)


class Body:
    acc = 0
    for k in range(6000):
        acc += k * 2
        if k == 5000:
            at = acc
    while acc > 10**6:
        acc //= 3


print(Body.acc, Body.k, Body.at)
ns = {}
exec("t = 1\nfor i in range(6000):\n    t = (t * 3 + i) % 1000003\n", ns)
print(ns["t"], ns["i"])
loc = {}
exec("t = 0\ni = 0\nwhile i < 6000:\n    i += 1\n    t += i * i\n", {}, loc)
print(loc)


def cells(n):
    t = 0
    step = 1

    def bump():
        nonlocal step
        step += 1

    for i in range(n):
        t += step
        if i % 1000 == 999:
            bump()
    return t, step


def cell_loopvar(n):
    fs = []
    t = 0
    for i in range(n):
        t += i
        if i % 2000 == 0:
            fs.append(lambda: i)
    return t, [f() for f in fs]


def cell_type_change(n):
    v = 1

    def to_float():
        nonlocal v
        v = v + 0.5

    def gone():
        nonlocal v
        del v

    t = 0
    try:
        for i in range(n):
            t += v
            if i == n - 500:
                to_float()
            if i == n - 100:
                gone()
    except NameError as e:
        return t, i, str(e)


def global_loop(n):
    global gcount
    gcount = 0
    for i in range(n):
        gcount += i
        if i == n - 10:
            globals()["gcount"] = 0.5
    return gcount


def attr_loop(n):
    class O:
        v = 0

    o = O()
    for i in range(n):
        o.v += i
    l = [0]
    for i in range(n):
        l[0] += i
    d = {"k": 0}
    for i in range(n):
        d["k"] -= i
    return o.v, l[0], d["k"]


def mixed_calls(n):
    t = 0
    for i in range(n):
        t += abs(-i) + max(i, 3) - min(i, 5) + int(i * 0.5) + len("ab") + round(i / 3)
    return t


def pycalls(n):
    def sq(v):
        return v * v

    def outer(v):
        return sq(v) + sq(v + 1)

    t = 0
    for i in range(n):
        t += outer(i)
        if t > 10**15:
            t = 0
    return t


for f in (cells, cell_loopvar, cell_type_change, global_loop, attr_loop, mixed_calls, pycalls):
    print(f.__name__, f(6000))
