# async with and async for: protocol errors, suppression, missing or wrong methods, return values.
# contract: 1
import sys


def run(coro):
    try:
        while True:
            v = coro.send(None)
            print("suspended with", v)
    except StopIteration as e:
        return e.value


class Aw:
    def __init__(self, v, n=0):
        self.v, self.n = v, n

    def __await__(self):
        for i in range(self.n):
            yield f"aw{i}"
        return self.v


class ACM:
    def __init__(self, n, suppress=False, steps=0):
        self.n, self.s, self.k = n, suppress, steps

    def __aenter__(self):
        print("aenter", self.n)
        return Aw(self.n, self.k)

    def __aexit__(self, t, v, tb):
        print("aexit", self.n, t and t.__name__)
        return Aw(self.s, self.k)


class AIt:
    def __init__(self, n, steps=0, exc=StopAsyncIteration):
        self.i, self.n, self.k, self.exc = 0, n, steps, exc

    def __aiter__(self):
        return self

    async def __anext__(self):
        self.i += 1
        if self.i > self.n:
            raise self.exc
        return await Aw(self.i, self.k)


async def with1(steps):
    async with ACM("a", steps=steps) as a, ACM("b") as b:
        return a, b


async def with2():
    async with ACM("s", True):
        raise ValueError("x")
    return "suppressed"


async def with3():
    async with ACM("n"):
        raise ValueError("escapes")


async def for1(steps):
    out = []
    async for x in AIt(3, steps):
        out.append(x)
    else:
        out.append("else")
    return out


async def for2():
    async for x in AIt(9):
        if x == 2:
            continue
        if x == 4:
            break
    else:
        return "no"
    return x


async def for3():
    async for x in AIt(1, exc=KeyError("anext")):
        pass


async def loopwith():
    for i in range(4):
        async with ACM(i):
            if i == 1:
                continue
            if i == 2:
                break
    return i


async def hot(n):
    t = 0
    async for x in AIt(n):
        async with Q():
            t += x
    return t


class Q:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *a):
        return None


def t(c):
    try:
        print("result", run(c))
    except BaseException as e:
        print("raised", type(e).__name__, e, "|", type(e.__cause__).__name__, e.__cause__)


t(with1(0))
t(with1(2))
t(with2())
t(with3())
t(for1(0))
t(for1(2))
t(for2())
t(for3())
t(loopwith())
t(hot(200))


class Sync:
    def __enter__(self):
        pass

    def __exit__(self, *a):
        pass


class EnterNotAw:
    def __aenter__(self):
        return 5

    async def __aexit__(self, *a):
        pass


class ExitNotAw:
    async def __aenter__(self):
        pass

    def __aexit__(self, *a):
        return 5


class OnlyEnter:
    async def __aenter__(self):
        pass


class AiterNoAnext:
    def __aiter__(self):
        return 5


class AiterAsync:
    async def __aiter__(self):
        pass


class AnextNotAw:
    def __aiter__(self):
        return self

    def __anext__(self):
        return 7


class AnextBadAw:
    def __aiter__(self):
        return self

    def __anext__(self):
        return self

    def __await__(self):
        return 8


async def use_with(o):
    async with o:
        pass


async def use_with_exc(o):
    async with o:
        raise IndexError("body")


async def use_for(o):
    async for x in o:
        return x


import warnings

warnings.simplefilter("ignore")
for o in (Sync(), EnterNotAw(), ExitNotAw(), OnlyEnter(), 5, None):
    print(type(o).__name__)
    t(use_with(o))
    t(use_with_exc(o))
for o in (5, [1], AiterNoAnext(), AiterAsync(), AnextNotAw(), AnextBadAw(), None):
    print(type(o).__name__)
    t(use_for(o))


async def comps():
    a = [x async for x in AIt(4) if x % 2]
    b = {x async for x in AIt(3)}
    c = {x: y async for x in AIt(2) for y in "ab"}
    d = [await Aw(i, 1) for i in range(3)]
    g = (x * 10 async for x in AIt(3, 1))
    e = [x async for x in g]
    f = [[y async for y in AIt(x)] async for x in AIt(3)]
    return a, sorted(b), c, d, e, f


t(comps())
