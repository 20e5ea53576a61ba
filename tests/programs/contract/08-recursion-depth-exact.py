# RecursionError comes at exactly python3.11's depth for functions, methods, operators, classes and coroutines.
# contract: 8
import sys

sys.setrecursionlimit(300)
depth = 0


def plain(n):
    global depth
    depth = n
    plain(n + 1)


def kw(n, *, k=None, **rest):
    global depth
    depth = n
    kw(n=n + 1, k=1, z=2)


def star(*a):
    global depth
    depth = len(a)
    star(*a, 1)


def mutual_a(n):
    global depth
    depth = n
    return mutual_b(n + 1)


def mutual_b(n):
    global depth
    depth = n
    return mutual_a(n + 1)


class R:
    def meth(self, n):
        global depth
        depth = n
        self.meth(n + 1)

    @classmethod
    def cm(cls, n):
        global depth
        depth = n
        cls.cm(n + 1)

    @property
    def prop(self):
        global depth
        depth += 1
        return self.prop

    def __getattr__(self, name):
        global depth
        depth += 1
        return getattr(self, name + "x")

    def __add__(self, o):
        global depth
        depth += 1
        return self + o

    def __getitem__(self, i):
        global depth
        depth += 1
        return self[i + 1]

    def __call__(self, n):
        global depth
        depth = n
        return self(n + 1)

    def __len__(self):
        global depth
        depth += 1
        return len(self)

    def __eq__(self, o):
        global depth
        depth += 1
        return self == o

    def __bool__(self):
        global depth
        depth += 1
        return not self

    def __iter__(self):
        global depth
        depth += 1
        return iter(self)

    def __repr__(self):
        global depth
        depth += 1
        return repr(self)

    def __hash__(self):
        global depth
        depth += 1
        return hash(self)

    def __enter__(self):
        global depth
        depth += 1
        with self:
            pass

    def __exit__(self, *a):
        pass


class Init:
    def __init__(self, n):
        global depth
        depth = n
        Init(n + 1)


class New:
    def __new__(cls, n):
        global depth
        depth = n
        return New(n + 1)


def gen(n):
    global depth
    depth = n
    yield from gen(n + 1)


def gen_for(n):
    global depth
    depth = n
    for x in gen_for(n + 1):
        yield x


def comp(n):
    global depth
    depth = n
    return [comp(n + 1) for _ in "a"]


def genexp(n):
    global depth
    depth = n
    return sum(genexp(n + 1) for _ in "a")


def sorter(n):
    global depth
    depth = n
    return sorted([1], key=lambda v: sorter(n + 1))


def mapper(n):
    global depth
    depth = n
    return list(map(mapper, [n + 1]))


lam = lambda n: (globals().__setitem__("depth", n), lam(n + 1))


async def co(n):
    global depth
    depth = n
    await co(n + 1)


def runco():
    co(0).send(None)


def evaler(n):
    global depth
    depth = n
    eval("evaler(n + 1)", {"evaler": evaler, "n": n})


def cls_body(n):
    global depth
    depth = n

    class K:
        x = cls_body(n + 1)


def hot_inside(n):
    global depth
    t = 0
    for i in range(20):
        t += i
    depth = n
    return hot_inside(n + 1) + t


def with_defaults(n, a=1, b=2):
    global depth
    depth = n
    return with_defaults(n + 1)


def partialrec(n):
    global depth
    depth = n
    return functools.partial(partialrec, n + 1)()


import functools


@functools.lru_cache(None)
def cached(n):
    global depth
    depth = n
    return cached(n + 1)


r = R()
cases = [
    ("plain", lambda: plain(0)), ("kw", lambda: kw(0)), ("star", lambda: star()), ("mutual", lambda: mutual_a(0)), ("meth", lambda: r.meth(0)), ("cm", lambda: R.cm(0)),
    ("prop", lambda: r.prop), ("getattr", lambda: r.zz), ("add", lambda: r + 1), ("getitem", lambda: r[0]), ("call", lambda: r(0)), ("len", lambda: len(r)),
    ("eq", lambda: r == 1), ("bool", lambda: not r), ("iter", lambda: iter(r)), ("repr", lambda: repr(r)), ("hash", lambda: hash(r)), ("with", lambda: r.__enter__()),
    ("init", lambda: Init(0)), ("new", lambda: New(0)), ("gen", lambda: next(gen(0))), ("gen_for", lambda: next(gen_for(0))), ("comp", lambda: comp(0)),
    ("genexp", lambda: genexp(0)), ("sort", lambda: sorter(0)), ("map", lambda: mapper(0)), ("lambda", lambda: lam(0)), ("coroutine", runco), ("eval", lambda: evaler(0)),
    ("class body", lambda: cls_body(0)), ("hot inside", lambda: hot_inside(0)), ("defaults", lambda: with_defaults(0)), ("partial", lambda: partialrec(0)), ("lru_cache", lambda: cached(0)),
]

# CPython counts calls of C functions differently before it has specialised them, so the first rounds
# are not shown.
THROUGH_C = {"getattr", "len", "iter", "gen", "gen_for", "genexp", "sort", "map", "eval", "class body", "lru_cache", "partial", "repr", "hash"}
for limit in (150, 150, 300, 120, 601):
    sys.setrecursionlimit(limit)
    for name, f in cases:
        if name in THROUGH_C and "through-c" not in sys.argv:
            continue
        depth = 0
        try:
            f()
            msg = "no error"
        except RecursionError as e:
            msg = str(e)
        if limit != 150:
            print(limit, name, depth, msg)
