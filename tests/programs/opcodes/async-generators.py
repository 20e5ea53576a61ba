# Async generators: asend, athrow, aclose, running twice, hooks, StopAsyncIteration rules, wrapped yields.
# contract: 1
import sys
import types
import warnings

warnings.simplefilter("ignore")


@types.coroutine
def pause(v):
    return (yield v)


async def ag(n):
    try:
        for i in range(n):
            try:
                got = yield i
                if got is not None:
                    yield ("got", got, await pause("p"))
            except ValueError as e:
                yield f"caught {e}"
    finally:
        print("ag finally")


def drive(aw, *sends):
    out = []
    it = aw.__await__() if hasattr(aw, "__await__") else aw
    try:
        out.append(it.send(None))
        for s in sends:
            out.append(it.send(s))
    except BaseException as e:
        out.append(f"{type(e).__name__}: {e}" + (f" value={e.value!r}" if isinstance(e, StopIteration) else ""))
    return out


g = ag(3)
print(drive(g.asend(5)))
print(drive(g.__anext__()))
print(drive(g.asend("hello"), "answer"))
print(drive(g.__anext__()))
print(drive(g.athrow(ValueError("v"))))
print(drive(g.athrow(ValueError, "w")))
print(drive(g.athrow(KeyError("k"))))
print(drive(g.__anext__()))
print(drive(g.aclose()))
print(drive(g.athrow(KeyError("dead"))))
g = ag(2)
print(drive(g.aclose()), drive(g.__anext__()))
g = ag(2)
drive(g.__anext__())
print(drive(g.aclose()))


async def ignores():
    try:
        yield 1
    except GeneratorExit:
        yield 2


g = ignores()
drive(g.__anext__())
print(drive(g.aclose()))


async def awaits_in_close():
    try:
        yield 1
    finally:
        await pause("closing")
        print("closed")


g = awaits_in_close()
drive(g.__anext__())
print(drive(g.aclose(), None))


async def raises(e):
    yield 1
    raise e


for e in (StopIteration("si"), StopAsyncIteration("sai"), KeyError("k"), GeneratorExit()):
    g = raises(e)
    drive(g.__anext__())
    print(drive(g.__anext__()))
g = ag(3)
a1 = g.asend(None)
a2 = g.asend(None)
print(drive(a1), drive(a1))
print(drive(a2))
g = ag(3)
drive(g.__anext__())
an = g.asend("hold")
print(an.send(None))
for other in (g.__anext__(), g.aclose(), g.athrow(KeyError("x"))):
    print(drive(other))
print(drive(an) if False else "held")
print(g.ag_running, g.ag_frame is not None, g.ag_await is not None, g.__name__)
an.close()
x = ag(1).__anext__()
try:
    x.throw(KeyError("thrown in asend"))
except KeyError as e:
    print(e)
for f in (lambda: iter(ag(1)), lambda: next(ag(1)), lambda: list(ag(1)), lambda: ag(1).send(None)):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
log = []
old = sys.get_asyncgen_hooks()
sys.set_asyncgen_hooks(firstiter=lambda g: log.append("first " + g.__name__), finalizer=lambda g: log.append("final " + g.__name__))
g = ag(2)
drive(g.__anext__())
g2 = ag(2)
del g2
del g
print(log)
sys.set_asyncgen_hooks(*old)


async def collect(n):
    out = []
    async for x in ag(n):
        out.append(x)
    y = [x async for x in ag(2)]
    z = await anext(ag(1))
    w = await anext(ag(0), "default")
    return len(out), sum(out), y, z, w


print(drive(collect(300)))


async def nested():
    async for x in ag(2):
        async for y in ag(2):
            yield x, y


async def use():
    return [p async for p in nested()]


print(drive(use()))


async def yields_tuple():
    yield (1, 2)
    yield StopIteration(5)
    yield None


async def all_():
    return [repr(x) async for x in yields_tuple()]


print(drive(all_()))


async def asgen_exp():
    g = (x * 2 async for x in ag(3) if x)
    return [v async for v in g], type(g).__name__


print(drive(asgen_exp()))
