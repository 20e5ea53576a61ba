# Generators given to `sum`, `any` and `all`, for which bytecode stands in that nobody sees.
# expect: traces>=1
# env: PYRT_JIT_BACKGROUND=0
import gc
import inspect
import sys
import traceback
import warnings


def squares(n):
    return sum(i * i for i in range(n))


print([squares(n) for n in (0, 1, 10, 1000, 50)] + [squares(60_000) for _ in range(16)])


def floats(n):
    return sum(i * 0.1 for i in range(n)), sum(x for x in (1, 2.5, True, 10**30, 1.0))


print([floats(n) for n in (0, 5, 1000, 1000)])


def quantify(n, limit):
    return any(i > limit for i in range(n)), all(i < limit for i in range(n))


print([quantify(n, limit) for n in (0, 10, 3000) for limit in (-1, 5, 5000) for _ in range(4)])
print([any(x for x in xs) for xs in ([], [0, ""], [[], {}, "a", 1 / 3]) for _ in range(4)])
print([all(x for x in xs) for xs in ([], [1, "b"], [1, {}, "a"]) for _ in range(4)])


# What is summed, and when it dies.
class Loud:
    def __init__(self, n):
        self.n = n

    def __radd__(self, other):
        print("radd", other, self.n)
        return Loud(other + self.n)

    def __add__(self, other):
        print("add", self.n, other.n)
        return Loud(self.n + other.n)

    def __bool__(self):
        print("bool", self.n)
        if self.n == 4:
            raise ValueError("four")
        return self.n == 2

    def __del__(self):
        print("del", self.n)


def make(numbers, log):
    try:
        for n in numbers:
            yield Loud(n)
    finally:
        log.append("closed")


for _ in range(3):
    log = []
    print(sum(make([1, 2, 3], log)).n, log)
    print(any(make([1, 2, 3], log)), log)
    print(all(make([2, 2, 1, 2], log)), log)
    for builtin in (any, all):
        try:
            print(builtin(make([2, 4] if builtin is all else [1, 4], log)))
        except ValueError as error:
            print(repr(error), log)


# Errors: types that do not add, exceptions of the generator, their tracebacks.
def fails(n, what):
    for i in range(n):
        if i == 3:
            raise what
        yield i


for what in (KeyError("k"), StopIteration("s"), GeneratorExit()):
    for _ in range(3):
        for builtin in (sum, all, any):
            try:
                builtin(fails(9, what) if builtin is not all else (x + 1 for x in fails(9, what)))
            except BaseException:
                text = traceback.format_exc()
    print(text)
for _ in range(4):
    try:
        sum(x for x in ("a", "b"))
    except TypeError:
        print(traceback.format_exc())


# Frames, as seen from the generator and from what it calls.
def stack():
    names = []
    frame = sys._getframe()
    while frame:
        names.append((frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back
    return names


def sees(k):
    return sum(len(stack()) for _ in range(k)), [len(inspect.stack(0)) for _ in range(2)]


def names(k):
    out = []
    sum(out.append(stack()) or 0 for _ in range(k))
    return out[0], out[-1]


for _ in range(4):
    print(sees(3))
    print(names(2))


def warns():
    def one():
        warnings.warn("from the generator", stacklevel=2)
        return 1

    return sum(one() for _ in range(3))


warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    for _ in range(4):
        warns()
print(len(caught), {(w.lineno, str(w.message)) for w in caught})


# Reference counts, and the generator itself while it runs.
def counts():
    def counting():
        for _ in range(3):
            yield sys.getrefcount(g), g.gi_running, len(gc.get_referrers(g)) > 0

    g = counting()
    seen = []
    any(seen.append(x) for x in [0])
    any(seen.append(x) for x in g)
    return seen


for _ in range(4):
    print(counts())


def itself():
    yield 1
    yield sum(me)


for _ in range(4):
    me = itself()
    try:
        print(sum(me))
    except ValueError as error:
        print(error)


# Other callables of these names.
def shadowed():
    sum = lambda it: list(it)
    return sum(x for x in range(3))


print(shadowed(), [sum((x for x in range(n)), 5) for n in range(4)])
print([sum(x for x in range(n)) for n in range(5)], [sum([x] for x in ()) for _ in range(3)])
before = len(gc.get_objects())
for _ in range(3):
    sum(x for x in range(9))
    all(x for x in range(9))
gc.collect()
print(len(gc.get_objects()) - before < 50)


# The collector runs in the middle; threads of generators.
def nested(n):
    return sum(sum(j for j in range(i)) for i in range(n) if any(k == i for k in range(i + 1)))


print([nested(n) for n in (5, 50, 150)])


def collects(n):
    return sum(len([gc.collect(0), i]) for i in range(n))


print([collects(40) for _ in range(4)])


# Recursion.
def recursive(n):
    return 1 + sum(recursive(n - 1) for _ in range(1)) if n else 0


def flat(value):
    return sum(flat(v) for v in value) if isinstance(value, list) else value


print([recursive(50) for _ in range(4)], flat([1, [2, 3, [4, [5]]], []]))


def depth(builtin):
    reached = 0

    def down():
        nonlocal reached
        reached += 1
        return builtin(down() for _ in range(1))

    try:
        down()
    except RecursionError as error:
        return reached, str(error)


sys.setrecursionlimit(200)
for _ in range(3):
    depth(sum)
print([90 < depth(builtin)[0] < 100 for builtin in (sum, sum)])
sys.setrecursionlimit(1000)

# Tracing and profiling, from before and from inside.
events = []


def tracer(frame, event, arg):
    name = frame.f_code.co_name
    if name in ("traced", "<genexpr>", "starts"):
        events.append((event, name, frame.f_lineno - frame.f_code.co_firstlineno, repr(arg)[:30]))
    elif "result" in frame.f_code.co_varnames and name == "sum":
        events.append(("seen", name))
    return tracer


def profiler(frame, event, arg):
    if event.startswith("c_"):
        arg = arg.__name__
    events.append((event, frame.f_code.co_name, repr(arg)[:30]))


def starts(n, how):
    for i in range(n):
        if i == 3:
            how(profiler if how is sys.setprofile else tracer)
        yield i
        if i == 6:
            raise KeyError(i)


def traced(n, how):
    try:
        return sum(starts(n, how)), any(x > 100 for x in range(3))
    except KeyError:
        return "raised"
    finally:
        how(None)


for how in (sys.settrace, sys.setprofile):
    for n in (5, 5, 5, 9):
        print(traced(n, how), events)
        events.clear()
sys.settrace(tracer)
squares(3)
sys.settrace(None)
print(events)
