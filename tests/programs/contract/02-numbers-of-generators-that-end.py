# A generator that ends in a trace gives up what its variables have, also a number that was left in their memory because
# another one, unboxed, has taken its place.
# contract: 2
# expect: traces>=4
import gc
import sys


def expression():
    for x in (y for y in range(300, 350)):
        pass


def counting(n):
    for y in range(1000, 1000 + n):
        z = y * 3
        yield z


def function():
    total = 0
    for x in counting(40):
        total += x
    return total


def floats():
    for x in (y * 0.5 for y in range(300, 350)):
        pass


def delegating():
    def outer():
        for y in range(500, 520):
            yield y
        yield from counting(20)

    for x in outer():
        pass


def kept_by_others(kept=[]):
    kept.clear()
    for x in (y for y in range(300, 350)):
        kept.append(x)
    return sum(kept)


def left():
    """How many blocks are left by so many calls."""
    for function_ in (expression, function, floats, delegating, kept_by_others):
        for _ in range(3000):
            function_()
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(1000):
            function_()
        gc.collect()
        print(function_.__name__, function_(), sys.getallocatedblocks() - before < 100)


left()
