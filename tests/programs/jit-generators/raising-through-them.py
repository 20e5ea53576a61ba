# Exceptions that leave generators and coroutines which a trace has resumed: caught outside, on their way through several, StopIteration.
# contract: 1, 2, 4
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# env: PYRT_JIT_ENTRY_THRESHOLD=10
# expect: traces>=2
import gc
import traceback


class Note:
    def __del__(self):
        died.append("note")


def inner(n, bad, error):
    note = Note() if n % 50 == 0 else None
    if n == bad:
        raise error
    return n
    yield note


def middle(n, bad, error):
    try:
        return (yield from inner(n, bad, error))
    finally:
        ended.append(n % 5)


def outer(rounds):
    total = 0
    for n in range(rounds):
        try:
            total += yield from inner(n, n - n % 7 + 3, KeyError(n))
        except KeyError as error:
            total += len(traceback.extract_tb(error.__traceback__))
        try:
            total += yield from middle(n, n - n % 3 + 1, StopIteration(n))
        except RuntimeError as error:
            total += error.__cause__.value
    return total


async def waited(n, bad):
    if n == bad:
        raise ValueError(n)
    return n


async def waits(rounds):
    total = 0
    for n in range(rounds):
        try:
            total += await waited(n, n - n % 4 + 2)
        except ValueError as error:
            total -= error.args[0]
    return total


def run(generator):
    try:
        generator.send(None)
    except StopIteration as stop:
        return stop.value


for _ in range(3):
    died, ended = [], []
    print(run(outer(400)), run(waits(400)), len(died), sum(ended))
    gc.collect()
