# Comprehensions of all kinds: scoping, conditions, nesting, closures, errors inside, class bodies, walrus.
# contract: 1
n = 5
print([i * j for i in range(n) for j in range(i) if (i + j) % 2])
print({i: [j for j in range(i)] for i in range(4)}, {i % 3 for i in range(20)})
print([[r[c] for r in ((1, 2), (3, 4))] for c in (0, 1)])
print(list(x for x in (y * 2 for y in range(5)) if x > 2))


def closure(k):
    fs = [lambda: (i, k) for i in range(3)]
    gs = [(lambda i: lambda: i)(i) for i in range(3)]
    return [f() for f in fs], [g() for g in gs]


for _ in range(100):
    r = closure(9)
print(r)


def walrus(data):
    hits = [y for x in data if (y := x * x) > 10]
    return hits, y


print(walrus(range(8)))


class C:
    base = [1, 2, 3]
    first = [b for b in base]
    pairs = [(b, x) for b in base for x in "ab"]
    try:
        bad = [base for _ in range(2)]
    except NameError as e:
        bad = str(e)


print(C.first, C.pairs, C.bad)


def errors():
    out = []
    for f in (
        lambda: [1 / (3 - i) for i in range(10)],
        lambda: [i for i in 5],
        lambda: {k: v for k, v in [(1, 2), (3,)]},
        lambda: {[] for _ in range(1)},
        lambda: [undefined_name for _ in "a"],
        lambda: list(1 // x for x in (1, 0)),
        lambda: (i for i in None),
        lambda: [a for a, b in [1]],
    ):
        try:
            out.append(f())
        except Exception as e:
            out.append(f"{type(e).__name__}: {e}")
    return out


for m in errors():
    print(m)


def hot(n):
    t = 0
    for k in range(n):
        t += sum([i for i in range(k % 7)]) + len({i & 3 for i in range(k % 9)}) + len({i: i for i in range(k % 5)})
        t += sum(i for i in range(k % 4) if i)
    return t


print(hot(400))


def mutate():
    l = [1, 2, 3]
    out = [l.append(x * 10) or x for x in l if len(l) < 8]
    return out, l


print(mutate())


def dict_order():
    log = []

    def t(x):
        log.append(x)
        return x

    {t(f"k{i}"): t(f"v{i}") for i in t(range(2))}
    [t((a, b)) for a in t([1, 2]) for b in t([3])]
    return log


print(dict_order())


def names():
    i = "outer"
    [i for i in range(3)]
    return i, [name for name in sorted(locals())]


print(names())
print([*(x for x in range(3)), *[y for y in "ab"]], max((i for i in [3, 1, 2]), key=lambda v: -v))


def firstiter():
    def src():
        print("source evaluated")
        return [1]

    g = (x for x in src())
    print("made")
    return list(g)


print(firstiter())
