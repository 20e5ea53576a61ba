# sys.settrace event streams (call, line, return, exception) for loops, calls, generators, with and try.
# contract: 5
import sys

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return None
    a = arg[0].__name__ if event == "exception" else (arg if isinstance(arg, (int, str, float, type(None))) else type(arg).__name__)
    events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno, a))
    return tracer


def loop(n):
    t = 0
    for i in range(n):
        if i % 2:
            continue
        t += i
    else:
        t += 100
    return t


def whiles(n):
    while n:
        n -= 1
    while True:
        n += 1
        if n > 2: break
    return n


def gen(n):
    for i in range(n):
        got = yield i
    return "done"


def usegen():
    g = gen(2)
    out = [next(g)]
    out.extend(g)
    return len(out)


def exc():
    try:
        inner()
    except KeyError as e:
        x = 1
    finally:
        y = 2
    return x + y


def inner():
    raise KeyError("k")


class CM:
    def __enter__(self):
        return 1

    def __exit__(self, *a):
        return True


def with_():
    with CM() as c:
        1 / 0
    return c


def comp():
    return [i
            for i in range(2)
            if i], {i: i for i in "a"}, sum(x for x in (1, 2))


class Klass:
    def __init__(self): self.v = 1

    @property
    def p(self): return self.v


def calls():
    k = Klass()
    f = lambda x: x + 1
    return f(k.p) + max(map(f, [1, 2]))


def stopiter():
    for x in iter([]):
        pass
    it = gen(0)
    try:
        next(it)
    except StopIteration as e:
        return e.value


async def co():
    return 1


def awaits():
    c = co()
    try:
        c.send(None)
    except StopIteration as e:
        return e.value


def match(v):
    match v:
        case [a, b]:
            return a
        case {"k": k}:
            return k
        case _:
            return 0


def multi():
    x = [1,
         2,
         max(3,
             4)]
    return x[
        2]


for f, args in ((loop, (3,)), (whiles, (2,)), (usegen, ()), (exc, ()), (with_, ()), (comp, ()), (calls, ()), (stopiter, ()), (awaits, ()), (match, ([1, 2],)), (match, ({"k": "v"},)), (match, (5,)), (multi, ())):
    for _ in range(60):
        f(*args)
    events.clear()
    sys.settrace(tracer)
    r = f(*args)
    sys.settrace(None)
    print(f.__name__, r, len(events))
    for e in events:
        print("   ", *e)
