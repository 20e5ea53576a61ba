# Generators that hot loops consume: the trace runs in their frames.
# expect: traces>=1
# env: PYRT_JIT_BACKGROUND=0
import gc
import sys
import traceback
import weakref


def walk(start, stop):
    step = 1
    while start < stop:
        yield start
        start += step
        step = 3 - step


def total(n):
    result = 0
    for position in walk(0, n):
        result += position & 7
    return result


print([total(n) for n in (0, 1, 2, 3, 1000, 3000, 200_000, 400_000)])


# Several yields, values of changing types, floats, objects, constants.
def mixed(n):
    a, b = 0, 1.5
    for i in range(n):
        yield a
        a += i
        yield b
        b *= 1.0001
        yield "text"
        yield (a, i)
        if i % 7 == 3:
            yield None
        if i == n - 5:
            a = float(a)


def use_mixed(n):
    kinds = {}
    last = None
    for item in mixed(n):
        kinds[type(item).__name__] = kinds.get(type(item).__name__, 0) + 1
        last = item
    return sorted(kinds.items()), last


print(use_mixed(900))


# Ints that outgrow the machine's, inside of the generator and outside.
def powers(n):
    x = 1
    for _ in range(n):
        yield x
        x *= 3


def big(n):
    s = 0
    for p in powers(n):
        s += p
    return s % 1000003, s.bit_length()


print(big(400))


# Pipelines.
def evens(it):
    for x in it:
        if not x & 1:
            yield x


def squares(it):
    for x in it:
        yield x * x


def pipeline(n):
    s = 0
    for x in squares(evens(walk(0, n))):
        s += x
    for x in (y + 1 for y in (z * 2 for z in range(n))):
        s -= x
    return s


print(pipeline(3000))


# `yield from` at several depths, with results.
def inner(n):
    for i in range(n):
        yield i
    return n


def outer(n):
    a = yield from inner(n)
    b = yield from inner(a // 2)
    yield from (a, b)
    return a + b


def top(n):
    result = yield from outer(n)
    yield -result


def delegated(n):
    s = 0
    for x in top(n):
        s = s * 3 + x & 0xFFFFFFF
    return s


print([delegated(n) for n in (3, 10, 500, 1000)])


class Tree:
    def __init__(self, left, value, right):
        self.left, self.value, self.right = left, value, right

    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right


def tree(values):
    if not values:
        return None
    i = len(values) // 2
    return Tree(tree(values[:i]), values[i], tree(values[i + 1 :]))


def traverse(t):
    s = 0
    for v in t:
        s = s * 5 + v & 0xFFFFFF
    return s


print([traverse(tree(list(range(n)))) for n in (1, 10, 100, 2000)])


# Exceptions from a hot generator, with its frame in the traceback; handled inside; StopIteration.
def raises_at(n, at, what):
    for i in range(n):
        if i == at:
            raise what
        yield i


def consume(it):
    count = 0
    for _ in it:
        count += 1
    return count


for what in (ValueError("bad"), StopIteration(3), KeyboardInterrupt()):
    try:
        consume(raises_at(1000, 700, what))
    except BaseException as error:
        traceback.print_exception(error, file=sys.stdout)


def handles(n):
    for i in range(n):
        try:
            yield 100 // (i % 5)
        except ZeroDivisionError:
            yield -1
        finally:
            i += 1


print(sum_ := sum(x for x in handles(500)), consume(handles(500)))


def handled_outside(n):
    try:
        1 / 0
    except ZeroDivisionError as error:
        # Suspended with an exception being handled.
        for i in range(n):
            yield i, sys.exc_info()[1] is error
    yield "after", sys.exc_info()[1]


def sees(n):
    try:
        raise KeyError("outer")
    except KeyError as error:
        inside = outside = 0
        for i, ok in handled_outside(n):
            inside += bool(ok)
            outside += sys.exc_info()[1] is error
        return inside, outside


print(sees(600))


# Loop variables that keep what the generator held; deaths in order.
class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        if self.n % 100 == 0:
            print("dies", self.n)


def noisy(n):
    for i in range(n):
        thing = Noisy(i)
        yield thing
        if i % 100 == 0:
            print("after", i)


def hold(n):
    previous = None
    for thing in noisy(n):
        if thing.n % 100 == 1:
            print("have", previous.n, thing.n)
        previous = thing
    return previous.n


print(hold(401))


# The generator is looked at, closed, thrown into, and advanced while the loop runs.
def plain(n):
    i = 0
    while i < n:
        yield i
        i += 1


def looks(n):
    g = plain(n)
    out = []
    for x in g:
        if x % 200 == 50:
            out.append((g.gi_running, g.gi_frame.f_locals, g.gi_frame.f_lineno))
        if x % 200 == 60:
            out.append(next(g))
        if x == 700:
            g.close()
    return out, g.gi_frame


print(looks(1000))


def throws(n):
    def catching():
        i = 0
        while i < n:
            try:
                yield i
            except ValueError as error:
                print("caught", error, i)
                yield -1
            i += 1

    g = catching()
    s = 0
    for x in g:
        if x % 250 == 249:
            s += g.throw(ValueError(x))
        s += x
    return s


print(throws(800))


# Sending makes the received value something else.
def accumulate():
    s = 0
    while True:
        got = yield s
        s += 1 if got is None else got


def sends(n):
    g = accumulate()
    out = 0
    for x in g:
        out += x
        if x % 50 == 0:
            g.send(7)
        if x > n:
            break
    return out


print(sends(2000))


# One generator consumed by nested loops, and by itself.
def shared(n):
    g = plain(n)
    pairs = 0
    for a in g:
        for b in g:
            pairs += a * b
            if b % 3 == 0:
                break
    return pairs


print(shared(2000))


def itself():
    for x in range(400):
        if x == 380:
            for y in me:
                yield y
        yield x


try:
    me = itself()
    print(consume(me))
except ValueError as error:
    print(error)


# Two loops take turns on a range iterator, one of them in the generator.
def turns(n):
    it = iter(range(n))

    def some():
        for x in it:
            yield x

    s = []
    g = some()
    for a in it:
        for b in g:
            s.append(a * b)
            break
    return len(s), sum(s)


print(turns(3000))


# Frames as they are seen from inside, and generators as the consumer.
def frames(n):
    for i in range(n):
        if i % 300 == 299:
            names = []
            f = sys._getframe()
            while f and f.f_code.co_name != "<module>":
                names.append((f.f_code.co_name, f.f_lineno, f.f_locals.get("k")))
                f = f.f_back
            yield names
        else:
            yield i


def relay(n):
    k = 0
    for x in frames(n):
        k += 1
        yield x


def seen(n):
    k = 0
    for x in relay(n):
        k += 2
        if isinstance(x, list):
            print(x, k)


seen(700)


# Another generator function of the same name and shape, again and again.
def versions():
    out = []
    for k in range(30):
        space = {}
        exec(f"def g(n):\n for i in range(n):\n  yield i + {k}\n", space)
        out.append(consume_sum(space["g"](60)))
    return out


def consume_sum(it):
    s = 0
    for x in it:
        s += x
    return s


print(versions())
print(consume_sum(plain(300)), consume_sum(x * 2 for x in range(300)), consume_sum([1, 2, 3]))


# Left by break, and the generator dies with its finally.
def finally_(n, log):
    try:
        i = 0
        while i < n:
            yield i
            i += 1
    finally:
        log.append(i)


def breaks(n):
    log = []
    for k in range(n):
        for x in finally_(20, log):
            if x == k % 15:
                break
    return log[:5], sum(log), len(log)


print(breaks(300))


# Weak references to generators; collection of cycles through a running one.
def cyclic(n):
    held = []
    for i in range(n):
        held = [held, i] if i % 10 else []
        yield i
        if i % 250 == 0:
            gc.collect()


def collected(n):
    g = cyclic(n)
    w = weakref.ref(g)
    s = 0
    for x in g:
        s += x
    alive = w() is not None
    del g
    return s, alive, w() is None


print(collected(900))


# Recursion through generators ends where CPython's ends.
def deep(n):
    yield n
    yield from deep(n + 1)


def depth():
    last = 0
    try:
        for x in deep(0):
            last = x
    except RecursionError as error:
        return last, str(error)


sys.setrecursionlimit(300)
print(depth(), depth())
sys.setrecursionlimit(1000)


# Tracing that begins in the generator, in the middle of its loop.
def traced(n):
    for i in range(n):
        if i == n - 3:
            sys.settrace(tracer)
        yield i


def tracer(frame, event, arg):
    if frame.f_code.co_name in ("traced", "follow"):
        print(event, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, arg)
    return tracer


def follow(n):
    s = 0
    for x in traced(n):
        s += x
    return s


print(follow(300))
sys.settrace(None)
print(follow(0))
