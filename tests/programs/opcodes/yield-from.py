# yield from: delegation of send, throw and close, to generators, iterators and odd objects, return values.
# contract: 1
import sys

log = []
sys.unraisablehook = lambda u: print("unraisable", u.exc_type.__name__, u.exc_value)


def inner(n):
    total = 0
    try:
        for i in range(n):
            got = yield i
            log.append(got)
            total += i
    except ValueError as e:
        log.append(f"inner caught {e}")
        total = -1
        yield "after catch"
    finally:
        log.append("inner done")
    return total


def outer(*its):
    out = []
    for it in its:
        try:
            r = yield from it
        except KeyError as e:
            r = f"outer caught {e}"
        out.append(r)
    return out


def t(f, *a):
    try:
        r = f(*a)
    except BaseException as e:
        r = f"{type(e).__name__}: {e}" + (f" value={e.value!r}" if isinstance(e, StopIteration) else "")
    print(r, log)
    log.clear()


o = outer(inner(3), [10, 11], inner(2))
t(next, o)
t(o.send, "s1")
t(o.throw, ValueError("v"))
t(next, o)
t(next, o)
t(o.throw, KeyError("k"))
t(next, o)
t(o.close)


class It:
    def __init__(self):
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n > 3:
            raise StopIteration("it value")
        return self.n


class Full(It):
    def send(self, v):
        log.append(f"send {v}")
        if v == "stop":
            raise StopIteration("sent stop")
        return v

    def throw(self, *a):
        log.append(f"throw {len(a)} {a[0] if isinstance(a[0], type) else a[0]!r}")
        if "stop" in repr(a):
            raise StopIteration("throw stop")
        return "thrown"

    def close(self):
        log.append("close")
        raise OSError("close failed")


class BadClose(It):
    def __getattr__(self, n):
        raise ZeroDivisionError(n)


class PropThrow(It):
    @property
    def throw(self):
        raise AttributeError("no throw today")


for c in (It, Full, BadClose, PropThrow):
    print(c.__name__)
    o = outer(c())
    t(next, o)
    t(o.send, 5)
    t(o.throw, KeyError("K"))
    o = outer(c())
    t(next, o)
    t(o.throw, KeyError, "K2")
    o = outer(c())
    t(next, o)
    t(o.throw, ValueError("stop"))
    o = outer(c())
    next(o)
    t(o.close)
    o = outer(c())
    next(o)
    t(o.send, "stop")
    o = outer(c())
    t(list, o)
for bad in (5, None, object, inner):
    t(next, outer(bad))


def self_ref():
    yield from me


me = self_ref()
t(next, me)


def chain(n):
    if n:
        r = yield from chain(n - 1)
        return r + 1
    x = yield "bottom"
    return x


c = chain(100)
print(next(c))
t(c.send, 5)
c = chain(50)
next(c)
t(c.throw, KeyError("deep"))


def walk(tree):
    if tree:
        l, v, r = tree
        yield from walk(l)
        yield v
        yield from walk(r)


def build(a, b):
    if a >= b:
        return None
    m = (a + b) // 2
    return build(a, m), m, build(m + 1, b)


print(sum(i * v for i, v in enumerate(walk(build(0, 300)))))


def coro_from_gen():
    yield from co()


async def co():
    pass


import warnings

warnings.simplefilter("ignore")
t(next, coro_from_gen())
g1 = inner(3)
o = outer(g1)
next(o)
t(next, g1)
print(o.gi_yieldfrom is g1)
t(next, o)
o2 = outer(g1)
t(next, o2)


def subgen_return_seq():
    a = yield from (x for x in "ab")
    b = yield from []
    c = yield from range(2)
    d = yield from iter(())
    return a, b, c, d


t(list, subgen_return_seq())
it = subgen_return_seq()
for _ in range(4):
    next(it)
t(next, it)
