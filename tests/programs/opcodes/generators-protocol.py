# Generators: send, throw in all forms, close, return values, exhaustion, reentrancy and their errors.
# contract: 1
def g():
    got = []
    try:
        while True:
            try:
                v = yield got
                got.append(v)
            except ValueError as e:
                got.append(f"caught {e}")
    finally:
        print("cleanup", got)


def t(f, *a):
    try:
        r = f(*a)
    except BaseException as e:
        r = f"{type(e).__name__}: {e}" + (f" value={e.value!r}" if isinstance(e, StopIteration) else "") + f" ctx={e.__context__!r} cause={e.__cause__!r}"
    print(r)


x = g()
t(x.send, 5)
t(next, x)
t(x.send, 1)
t(x.throw, ValueError("a"))
t(x.throw, ValueError)
t(x.throw, ValueError, "b")
t(x.throw, ValueError, ValueError("c"))
t(x.throw, 5)
t(x.throw, ValueError("d"), "e")
t(x.throw, ValueError, "v", 5)
t(x.throw, ValueError, "v", None)
t(x.throw)
t(x.throw, KeyError("leaves"))
t(next, x)
t(x.send, 1)
t(x.throw, KeyError("on dead"))
t(x.close)


def ret(v):
    if v is None:
        return
    yield
    return v


for v in (1, (1, 2), None, StopIteration(3), [1]):
    it = ret(v)
    if v is not None:
        next(it)
    t(next, it)
    t(next, it)


def raises_stop():
    yield 1
    raise StopIteration("inside")


it = raises_stop()
next(it)
t(next, it)


def stop_from_next():
    yield next(iter([]))


t(next, stop_from_next())


def reenter():
    yield t(next, me)
    yield t(me.send, 1)
    yield t(me.close)
    yield t(me.throw, KeyError("x"))


me = reenter()
for _ in me:
    pass


def closes():
    try:
        yield 1
    except GeneratorExit:
        return "ignored value"


def noclose():
    try:
        yield 1
    except GeneratorExit:
        yield 2


def closeraise():
    try:
        yield 1
    finally:
        raise KeyError("in close")


for f in (closes, noclose, closeraise):
    it = f()
    t(it.close)
    it = f()
    next(it)
    t(it.close)
    t(it.close)
it = closes()
t(it.throw, KeyError("before start"))
t(next, it)
u = ret(1)
print(u.gi_running, u.gi_frame is not None, u.gi_suspended, u.gi_yieldfrom, u.__name__, u.__qualname__)
next(u)
print(u.gi_suspended, u.gi_frame.f_lineno - u.gi_frame.f_code.co_firstlineno)
t(next, u)
print(u.gi_frame, u.gi_running, u.gi_suspended)


def fib():
    a, b = 0, 1
    while True:
        r = yield a
        if r:
            a, b = r
        a, b = b, a + b


f = fib()
s = 0
for i in range(300):
    s += next(f) % 1000
    if i == 150:
        f.send((1, 1))
print(s, next(f))


def consumer():
    total = 0
    while True:
        x = yield total
        if x is None:
            return total
        total += x


c = consumer()
next(c)
for i in range(300):
    c.send(i if i % 3 else i * 0.5)
t(c.send, None)


def args(a, b=2, *c, d, **e):
    yield a, b, c, d, e


print(next(args(1, d=3)), next(args(1, 2, 3, d=4, z=5)))
t(args)


def unstarted_exc():
    x = 1
    yield


w = unstarted_exc()
t(w.send, 3)
t(next, w)


def ctxgen():
    try:
        raise KeyError("in gen")
    except KeyError:
        yield "suspended in handler"
        raise ValueError("chained")


cg = ctxgen()
print(next(cg))
import sys

print(sys.exception())
try:
    1 / 0
except ZeroDivisionError:
    t(next, cg)
