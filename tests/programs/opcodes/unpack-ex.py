# Starred unpacking: every position, shortages, order of assignment, errors and evaluation of the iterator.
# contract: 1
def h(s):
    *a, b = s
    return a, b


def t(s):
    a, *b = s
    return a, b


def m(s):
    a, b, *c, d = s
    return a, b, c, d


def only(s):
    [*a] = s
    return a


def nest(s):
    a, (*b, c), *d = s
    return a, b, c, d


class Boom:
    def __iter__(self):
        yield 1
        yield 2
        raise LookupError("boom")


vals = [[], [1], [1, 2], [1, 2, 3], (1, 2, 3, 4, 5), "abcd", range(6), {1: 1, 2: 2, 3: 3}, 5, None, Boom(), (1, "xyz", 4), (1, 2)]
for f in (h, t, m, only, nest):
    for _ in range(120):
        f((1, "ab", 3, 4))
    for v in vals:
        try:
            r = f(v)
        except Exception as e:
            r = f"{type(e).__name__}: {e}"
        print(f.__name__, type(v).__name__, r)


class Log(dict):
    def __setitem__(self, k, v):
        print("set", k, v)
        dict.__setitem__(self, k, v)


d = Log()
d["a"], *d["b"], d["c"] = range(5)
i = 0
x = [0] * 4
i, x[i], *x[2:] = 1, 7, 8, 9
print(i, x)
for a, *b in [(1, 2, 3), "xy", [4]]:
    print(a, b)
try:
    d["p"], *d["q"], d["r"] = [1]
except ValueError as e:
    print(e, "p" in d)
src = "a%s = range(300)\n"
names = ", ".join(f"v{i}" for i in range(290))
ns = {}
exec(f"*h, {names} = range(300)\nprint(h, v0, v289)\n", ns)
exec(f"{', '.join(f'v{i}' for i in range(200))}, *h, {', '.join(f'w{i}' for i in range(40))} = range(300)\nprint(v199, h[0], h[-1], w0, w39)\n", ns)
