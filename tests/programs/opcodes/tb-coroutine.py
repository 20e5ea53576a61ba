# Uncaught error through awaits, async with and async for.
# contract: 1
# expect-exit: 1
class CM:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *a):
        print("aexit", a[0].__name__)


async def agen():
    yield 1
    raise LookupError("in agen")


async def work():
    async with CM() as c:
        async for v in agen():
            print("got", v)


async def main():
    await work()


main().send(None)
