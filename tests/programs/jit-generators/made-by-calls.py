# Generators, coroutines and asynchronous generators that calls make: by C, by compiled code, at the recursion limit.
# contract: 1 4 5 8
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import gc
import sys


def plain(n, step=2, *rest, key=0, **more):
    for value in range(0, n, step):
        yield value + key + len(rest) + len(more)


def closed(n):
    base = n * 10

    def inner(k):
        yield base + k
        yield base - k

    return inner


def celled(n):
    def bump():
        nonlocal n
        n += 1
        return n

    yield bump()
    yield bump()


async def coroutine(n):
    return n * 2


async def agen(n):
    yield n


def run(awaitable):
    try:
        awaitable.send(None)
    except StopIteration as stop:
        return stop.value


def sums(n):
    total = 0
    for at in range(n):
        total += sum(plain(6))
        total += sum(plain(6, 3, 1, 2, key=at, word=1))
        inner = closed(at)
        total += sum(map(next, map(inner, (1, 2, 3))))
        total += sum(celled(at))
        total += any(value == at for value in (1, 2, at))
        total += run(coroutine(at))
        agen(at)
    return total


print(sums(3), sums(3000))
g = plain(4)
print(g.gi_frame.f_lineno, g.gi_frame.f_lasti, g.gi_running, g.gi_code.co_name, g.gi_yieldfrom, g.gi_frame.f_back)
print(next(g), g.gi_frame.f_lineno, list(g), g.gi_frame)
c = coroutine(1)
print(c.cr_frame.f_lineno, c.cr_frame.f_locals, c.cr_origin)
c.close()


def arguments(call):
    try:
        call()
    except TypeError as error:
        print(error)


arguments(lambda: list(plain()))
arguments(lambda: list(map(closed(1), [1], [2])))


def deep(n):
    """How deep calls may go until making a generator fails, and how many were made."""
    try:
        made = list(map(plain, [1]))
        return deep(n + 1) + len(made)
    except RecursionError:
        return n


sys.setrecursionlimit(200)
print(deep(0), deep(0))
sys.setrecursionlimit(1000)


class Noisy:
    def __init__(self):
        self.me = self

    def __del__(self):
        frame = sys._getframe()
        names.add(frame.f_back.f_code.co_name)


names = set()


def collects():
    gc.set_threshold(1)
    for _ in range(50):
        Noisy()
        list(map(plain, [1]))
    gc.set_threshold(700)


collects()
gc.collect()
print(sorted(names))

sys.set_coroutine_origin_tracking_depth(2)


def origin():
    return list(map(coroutine, [1]))[0]


for _ in range(100):
    c = origin()
    c.close()
print([where[1:] for where in c.cr_origin])
events = []
sys.setprofile(lambda frame, event, arg: events.append((event, frame.f_code.co_name)))
list(map(plain, [1]))
sys.setprofile(None)
print(events)
