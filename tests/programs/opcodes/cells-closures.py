# Closure cells: sharing, nonlocal writes, deletion, unbound reads, cell_contents edits at warm sites.
# contract: 1 7
def counter():
    n = 0

    def inc(by=1):
        nonlocal n
        n += by
        return n

    def get():
        return n

    def delete():
        nonlocal n
        del n

    return inc, get, delete


inc, get, delete = counter()
for _ in range(200):
    inc()
print(get(), inc(5))
delete()
for f in (get, inc, delete):
    for _ in range(3):
        try:
            f()
        except NameError as e:
            msg = type(e).__name__, str(e)
    print(f.__name__, msg)


def local_cell():
    x = 1
    f = lambda: x
    r = [f()]
    del x
    for g in (f, lambda: x):
        try:
            g()
        except NameError as e:
            r.append(str(e))
    try:
        x
    except UnboundLocalError as e:
        r.append(str(e))
    try:
        del x
    except UnboundLocalError as e:
        r.append(str(e))
    x = 2
    r.append(f())
    return r


for _ in range(120):
    r = local_cell()
print(r)


def deep(a):
    def l1(b):
        def l2(c):
            def l3(d):
                nonlocal a
                a += d
                return a, b, c, d

            return l3

        return l2

    return l1


f = deep(0)(1)(2)
for i in range(150):
    r = f(i)
print(r)


def argcell(a, *args, k=1, **kw):
    def g():
        return a, args, k, sorted(kw)

    a = a + 1
    args += (9,)
    k += 1
    return g


for _ in range(150):
    g = argcell(1, 2, 3, k=5, z=1)
print(g())


def contents():
    v = 0

    def rd():
        return v

    cell = rd.__closure__[0]
    t = 0
    for i in range(300):
        if i == 150:
            cell.cell_contents = 1000
        if i == 200:
            v = 0.5
        t += rd()
    del cell.cell_contents
    try:
        rd()
    except NameError as e:
        m = str(e)
    try:
        cell.cell_contents
    except ValueError as e:
        m2 = str(e)
    return t, m, m2


print(contents())


def loopcells():
    fs = []
    for i in range(5):
        def f(j=i):
            return i, j

        fs.append(f)
    return [f() for f in fs], [c.cell_contents for c in fs[0].__closure__]


print(loopcells())


def percall(n):
    out = []
    for i in range(n):
        def mk():
            v = i

            def s():
                nonlocal v
                v += 1
                return v

            return s

        out.append(mk())
    return [s() for s in out], [s() for s in out]


a, b = percall(120)
print(a[:3], a[-1], b[:3], b[-1])


def comp():
    k = 3
    return [lambda: k + i for i in range(3)], {i: (lambda: i * k)() for i in range(3)}


l, d = comp()
print([f() for f in l], d)


def gen():
    state = 0

    def bump():
        nonlocal state
        state += 1

    while state < 150:
        bump()
        yield state


print(sum(gen()))
import types

try:
    types.FunctionType(get.__code__, {})
except TypeError as e:
    print(e)
try:
    types.FunctionType(get.__code__, {}, closure=(1,))
except TypeError as e:
    print(e)
g2 = types.FunctionType(get.__code__, {}, closure=(types.CellType(42),))
print(g2())
