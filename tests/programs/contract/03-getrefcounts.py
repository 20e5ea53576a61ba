# sys.getrefcount at chosen places: locals, arguments, containers, loops, closures, attribute and method calls.
# contract: 3
# modes: default, nojit, eager, guards
from sys import getrefcount


class O:
    def __init__(self):
        self.me_count = getrefcount(self)

    def m(self):
        return getrefcount(self)

    def __add__(self, o):
        return getrefcount(self), getrefcount(o)

    def __getitem__(self, k):
        return getrefcount(self), getrefcount(k)

    def __call__(self, x):
        return getrefcount(self), getrefcount(x)

    def __len__(self):
        counts.append(getrefcount(self))
        return 1

    def __iter__(self):
        counts.append(getrefcount(self))
        return iter([self])

    def __enter__(self):
        return getrefcount(self)

    def __exit__(self, *a):
        counts.append(getrefcount(self))

    def __eq__(self, o):
        counts.append((getrefcount(self), getrefcount(o)))
        return True

    def __getattr__(self, n):
        return getrefcount(self)

    @property
    def p(self):
        return getrefcount(self)


counts = []


def arg(x):
    return getrefcount(x)


def arg2(x, y=None, *r, **k):
    return getrefcount(x), [getrefcount(v) for v in r], [getrefcount(v) for v in k.values()]


def gen(x):
    yield getrefcount(x)
    y = x
    yield getrefcount(x)


def site():
    o = O()
    out = [o.me_count, getrefcount(o), arg(o), o.m(), O().m(), arg(O()), O.m(o), o + o, o + O(), O() + o, o[o], o[O()], o(o), O()(o), o.p, O().p, o.missing]
    p = o
    out.append(getrefcount(o))
    l = [o, o]
    out.append(getrefcount(o))
    l.append(o)
    t = (o,)
    out.append(getrefcount(l[0]))
    out.append((arg(l), arg(t), arg([]), arg({}), arg(object())))
    del p, l
    out.append(getrefcount(o))
    out.append(arg2(o, 1, o, O(), z=o, w=O()))
    out.append(arg2(*t))
    out.append(list(gen(o)))
    out.append([getrefcount(v) for v in (o, O())])
    out.append([(lambda: getrefcount(o))(), (lambda x: getrefcount(x))(o)])
    len(o)
    for v in o:
        out.append(getrefcount(v))
    with o as w, O() as w2:
        out.append((w, w2, getrefcount(o)))
    o == o, O() == o, o in [o], o in [O()]
    try:
        raise ValueError(o)
    except ValueError as e:
        out.append(getrefcount(o))
    out.append(getrefcount(o))
    bm = o.m
    out.append((getrefcount(o), bm(), getrefcount(bm)))
    x = y = O()
    out.append((getrefcount(x), getrefcount(y)))
    x, y = o, x
    out.append((getrefcount(x), getrefcount(y), getrefcount(o)))
    return out


for i in range(200):
    counts.clear()
    r = site()
print(r)
print(counts)


def loop(n):
    o = object()
    s = set()
    for i in range(n):
        a = o
        s.add(getrefcount(o))
        b = [a]
        s.add(getrefcount(o) + 100)
        del b
        s.add(getrefcount(o) + 200)
        a = None
        s.add(getrefcount(o) + 300)
    return sorted(s)


print(loop(2000))


def numeric(n):
    o = object()
    t = 0
    for i in range(n):
        t += i
        if i % 1000 == 0:
            t += getrefcount(o)
    return t, getrefcount(o)


print(numeric(6000))


def liststate():
    l = [object() for _ in range(3)]
    c = []
    for x in l:
        c.append(getrefcount(x))
    it = iter(l)
    c.append((getrefcount(l), getrefcount(it)))
    y = l.pop()
    c.append(getrefcount(y))
    c.append([getrefcount(z) for z in l])
    return c


for _ in range(150):
    r = liststate()
print(r)


def tmp():
    x = object()
    return [getrefcount(x) if True else x, (getrefcount(x), x)[0], [x, getrefcount(x)][1], {"a": x, "b": getrefcount(x)}["b"], getrefcount((x, x)[0])]


for _ in range(150):
    r = tmp()
print(r)
