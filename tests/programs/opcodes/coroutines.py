# Coroutines: await of everything, errors, double awaits, close/throw, never-awaited warnings, return values.
# contract: 1
import types
import warnings

warnings.simplefilter("ignore")


class Aw:
    def __init__(self, it):
        self.it = it

    def __await__(self):
        return self.it


@types.coroutine
def sleep(n):
    r = None
    for i in range(n):
        r = yield i
    return r


async def leaf(v):
    return v


async def mid(n):
    t = 0
    for i in range(n):
        t += await leaf(i)
    return t


async def asleep(n):
    try:
        return await sleep(n)
    except ValueError as e:
        return f"caught {e}"
    finally:
        print("asleep finally")


def run(c, *sends):
    out = []
    try:
        out.append(c.send(None))
        for s in sends:
            out.append(c.throw(s) if isinstance(s, BaseException) else c.send(s))
    except StopIteration as e:
        return out, "returned", e.value
    except BaseException as e:
        return out, type(e).__name__, str(e), repr(e.__cause__)
    c.close()
    return out, "suspended"


print(run(mid(300)))
print(run(asleep(2), "x", "y"))
print(run(asleep(3), ValueError("v")))
print(run(asleep(3), KeyError("k")))
print(run(asleep(3)))


async def aw(x):
    return await x


def gen():
    yield 1


class IterNotIter:
    def __await__(self):
        return 5


class AwaitCoro:
    def __await__(self):
        return leaf(1)


class Raising:
    def __await__(self):
        raise LookupError("await")


class NotCallable:
    __await__ = 5


for x in (Aw(iter([1, 2])), Aw(gen()), 5, None, [1], gen(), IterNotIter(), AwaitCoro(), Raising(), NotCallable(), leaf, sleep(1), sleep):
    print(type(x).__name__, run(aw(x), None, None, None))

c = asleep(2)


async def two(c):
    return await c


a, b = two(c), two(c)
print(a.send(None))
print(run(b))
print(run(two(c)))
a.close()
print(run(two(c)))
c = leaf(1)
print(run(c))
print(run(c))
try:
    c.throw(KeyError("done"))
except Exception as e:
    print(type(e).__name__, e)
c.close()
c = leaf(2)
c.close()
print(run(c))
for f in (lambda: iter(leaf(1)), lambda: list(leaf(1)), lambda: next(leaf(1)), lambda: [*leaf(1)], lambda: leaf(1).send(5)):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)


async def stopiter():
    raise StopIteration("bad")


async def stopasync():
    raise StopAsyncIteration("also")


print(run(stopiter()), run(stopasync()))
c = asleep(1)
print(c.cr_running, c.cr_suspended, c.cr_await, c.cr_frame is not None, c.cr_origin)
c.send(None)
print(c.cr_suspended, type(c.cr_await).__name__)
c.close()
print(c.cr_frame, c.cr_await)


async def reenter():
    holder[0].send(None)


holder = [reenter()]
print(run(holder[0]))
warnings.simplefilter("always")


def show(m, cat, fn, ln, *a):
    print("warning:", cat.__name__, m)


warnings.showwarning = show
leaf(3)
c = leaf(4)
del c


async def forgot():
    leaf(5)
    return "end"


print(run(forgot()))


async def deepco(n):
    if n == 0:
        return await sleep(1)
    return 1 + await deepco(n - 1)


d = deepco(100)
print(d.send(None))
try:
    d.send(7)
except StopIteration as e:
    print(e.value)
import asyncio


async def ticker(n, out):
    for i in range(n):
        out.append(i)
        await asyncio.sleep(0)
    return n


async def main():
    out = []
    r = await asyncio.gather(ticker(3, out), ticker(2, out), leaf("z"))
    return r, out


print(asyncio.run(main()))


async def group():
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(ticker(2, []))
            tg.create_task(aw(5))
    except* TypeError as e:
        texts = [str(x) for x in e.exceptions]
    return texts


print(asyncio.run(group()))
