# Coroutines in hot loops: awaited at once, suspended, raising, thrown into, asynchronous iteration and contexts.
# contract: 1 2 4 6
# expect: traces>=1
import asyncio
import inspect
import sys
import warnings


class Pause:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        return (yield self.value)


def drive(coroutine, answer=None):
    """What a coroutine yields, and returns or raises."""
    yielded = []
    try:
        value = coroutine.send(None)
        while True:
            yielded.append(value)
            value = coroutine.send(answer)
    except StopIteration as stop:
        return len(yielded), sum(yielded[-3:]), stop.value
    except Exception as error:
        return len(yielded), sum(yielded[-3:]), repr(error), repr(error.__cause__)


async def add(a, b):
    return a + b


async def fibonacci(n):
    if n <= 1:
        return n
    return await fibonacci(n - 1) + await fibonacci(n - 2)


async def sums(rounds, pause):
    total = 0
    for n in range(rounds):
        total += await add(n, 1)
        if n % pause == 0:
            total += await Pause(n)
    return total


async def inner(n, bad, error):
    if n == bad:
        raise error
    return n


async def fails(rounds, bad, error):
    total = 0
    for n in range(rounds):
        try:
            total += await inner(n, n - n % 7 + 3, KeyError(n))
        except KeyError:
            total += 1
        total += await inner(n, bad, error)
    return total


print(drive(fibonacci(17)))
for pause in 100000, 50, 3, 1:
    print(drive(sums(6000, pause), 2))
for bad, error in (5500, ValueError("bad")), (5500, StopIteration(3)), (9999, None):
    print(drive(fails(6000, bad, error)))


# Whoever looks at one.
async def looks(task, n):
    own = task["own"]
    if n % 500 == 0:
        task["seen"].append((own.cr_running, own.cr_frame is not None, inspect.getcoroutinestate(own)))
        task["names"].append([f.f_code.co_name for f in (sys._getframe(), sys._getframe(1))])
    return n


async def watched(task, rounds):
    total = 0
    for n in range(rounds):
        task["own"] = one = looks(task, n)
        total += await one
        if n % 1000 == 999:
            task["seen"].append((one.cr_frame, inspect.getcoroutinestate(one)))
    return total


task = {"seen": [], "names": []}
print(drive(watched(task, 5000)), task["seen"], task["names"])


# Awaited twice, and while it runs.
async def again(rounds):
    for n in range(rounds):
        one = add(n, n)
        await one
    await one


async def itself(task):
    await task["own"]


print(drive(again(5000)))
task["own"] = itself(task)
print(drive(task["own"]))


async def takes_turns(rounds):
    total = 0
    for n in range(rounds):
        total += await (add(n, 1) if n % 3 else Pause(n))
    return total


print(drive(takes_turns(5000), 4))


# Never awaited: it says so where it dies.
async def forgets(rounds):
    for n in range(rounds):
        one = add(n, n)
        if n % 1700 == 0:
            one = None
        else:
            await one


with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    print(drive(forgets(5000)), [str(warning.message) for warning in caught])


# Thrown into, and closed.
async def catches(rounds, log):
    total = 0
    for n in range(rounds):
        try:
            total += await sums(4, 2)
        except KeyError:
            log.append(n)
        finally:
            total += 1
    return total


log = []
one = catches(3000, log)
value = one.send(None)
for n in range(4000):
    try:
        value = one.throw(KeyError()) if n % 1000 == 999 else one.send(1)
    except StopIteration as stop:
        print(stop.value)
        break
print(n, value, log)
one.close()
print(one.cr_frame)


# Asynchronous iteration and contexts.
class Tree:
    def __init__(self, depth):
        self.value = depth
        self.left = self.right = None
        if depth:
            self.left, self.right = Tree(depth - 1), Tree(depth - 1)

    async def __aiter__(self):
        if self.left:
            async for item in self.left:
                yield item
        yield self.value
        if self.right:
            async for item in self.right:
                yield item


class Context:
    def __init__(self, log):
        self.log = log

    async def __aenter__(self):
        return await add(self.log[0], 1)

    async def __aexit__(self, kind, error, traceback):
        self.log[0] = await add(self.log[0], 2)
        return kind is KeyError


async def iterates(depth, rounds):
    total = 0
    for _ in range(rounds):
        async for item in Tree(depth):
            total += item
        total += sum([item async for item in Tree(2)])
    return total


async def contexts(rounds):
    log, total = [0], 0
    for n in range(rounds):
        async with Context(log) as entered:
            total += entered
            if n % 5 == 0:
                raise KeyError(n)
    return total, log


print(drive(iterates(6, 60)))
print(drive(contexts(4000)))


async def main():
    async def work(n):
        if n % 10 == 0:
            await asyncio.sleep(0)
        return await add(n, 1)

    total = 0
    for n in range(300):
        total += sum(await asyncio.gather(*[work(n) for n in range(20)]))
    return total


print(asyncio.run(main()))
