# Numeric loops inside generators, with yields in and around them, send and throw into running loops.
# contract: 1
def squares(n):
    for i in range(n):
        yield i * i


def sums(n):
    t = 0
    for i in range(n):
        t += i
        if i % 1000 == 999:
            yield t
    yield t


def inner_hot(n):
    for r in range(4):
        t = 0
        for i in range(n):
            t += i * r
        yield t, i


def collatz(n):
    while n != 1:
        yield n
        n = n // 2 if n % 2 == 0 else 3 * n + 1


def controlled():
    step = 1
    x = 0
    while True:
        for k in range(100):
            x += step
        try:
            got = yield x
        except ValueError as e:
            x = e.args[0]
            continue
        if got is not None:
            step = got


def float_gen(n):
    x = 0.0
    while n:
        x = x * 0.5 + n
        n -= 1
        if n % 500 == 0:
            yield x


def alternating(n):
    x = 1
    for i in range(n):
        x = x + (1 if i % 2 else 0.5)
        if i % 1500 == 0:
            yield x


print(sum(squares(6000)), list(sums(6500)), list(inner_hot(3000)), sum(collatz(97)), list(float_gen(3000)), list(alternating(6000)))
c = controlled()
out = [next(c)]
for i in range(100):
    out.append(next(c))
out += [c.send(3), c.send(0.5), next(c), c.throw(ValueError(10)), c.send(-2), c.throw(ValueError(2**63)), next(c)]
print(out[:3], out[100:])
c.close()


def two_at_once(n):
    a, b = squares(n), collatz(27)
    t = 0
    for x in a:
        t += x
        y = next(b, None)
        if y is None:
            b = collatz(27)
        else:
            t -= y
    return t


print(two_at_once(3000))


def recursive(n):
    if n:
        for v in recursive(n - 1):
            yield v + 1
    t = 0
    for i in range(300):
        t += i
    yield t


print(list(recursive(8)))


def gen_locals():
    t = 0
    for i in range(6000):
        t += i
        if i == 5000:
            yield
    return t


g = gen_locals()
next(g)
print(g.gi_frame.f_locals)
try:
    next(g)
except StopIteration as e:
    print(e.value)


async def co(n):
    t = 0
    for i in range(n):
        t += i
    return t


async def main():
    t = 0
    for i in range(50):
        t += await co(200)
    async for x in agen(6000):
        t += x
    return t


async def agen(n):
    t = 0
    for i in range(n):
        t += i
        if i % 2000 == 0:
            yield t


import asyncio

print(asyncio.run(main()))
