# Tracebacks printed to stdout for one error of each statement kind.
# contract: 1
# expect-exit: 1
import sys
import traceback


def unpack(v):
    a, (b, c) = v


def star(v):
    a, *b, c = v


def match(v):
    match v:
        case str(a, b):
            return a


def forloop(v):
    for (
        x
    ) in v:
        y = x.z


def delete(v):
    del v[0].q


def store(v):
    v.a.b = v


def aug(v):
    v[0] += "s"


def with_(v):
    with open as f, v:
        pass


def rais(v):
    raise v from 5


def imp(v):
    import nothing.here as q


def impfrom(v):
    from os import nothing_here


def cls(v):
    class X(v):
        pass


def deco(v):
    @v
    def f():
        pass


def glob(v):
    return not_there + v


def cell(v):
    def g():
        return w

    g()
    w = 1


def unary(v):
    return -v, ~v


def cmp(v):
    return 1 < v < 3


def contains(v):
    return 1 in v


def fstr(v):
    return f"a{v!r}b{v:>{v}}"


def callk(v):
    return print(1, foo=v)


def callstar(v):
    return print(*v, **v)


def slc(v):
    return v[1:2:3]


def dictm(v):
    return {**{}, "a": 1, **v}


def setm(v):
    return {1, *v}


def yieldf(v):
    def g():
        yield from v

    return list(g())


def awaitf(v):
    async def g():
        await v

    g().send(None)


def lam(v):
    return (lambda q: q.w)(v)


def ret(v):
    return (
        v
        .upper
        ()
    )


def cond(v):
    return 1 if v.x else 2


def walrus(v):
    if (n := v + "a") > 1:
        return n


def asrt(v):
    assert v is None, "message"


def tern(v):
    while v.bad and 1:
        pass


for f in (unpack, star, match, forloop, delete, store, aug, with_, rais, imp, impfrom, cls, deco, glob, cell, unary, cmp, contains, fstr, callk, callstar, slc, dictm,
          setm, yieldf, awaitf, lam, ret, cond, walrus, asrt, tern):
    for v in (5, [1], "s"):
        try:
            f(v)
        except BaseException:
            traceback.print_exc(file=sys.stdout)
unpack(7)
