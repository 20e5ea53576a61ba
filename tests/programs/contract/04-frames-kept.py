# Frames kept after return, after exceptions, of generators and threads: f_back, f_locals, clear, gc links.
# contract: 4
import gc
import sys
import types


class N:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)

    def __repr__(self):
        return f"N{self.n}"


def keep(n):
    a = N(n)
    return sys._getframe()


f = keep(1)
print(f.f_locals, f.f_back.f_code.co_name)
f.clear()
print("cleared", f.f_locals)
f = None


def chain(n):
    x = N(("chain", n))
    if n:
        return chain(n - 1)
    return sys._getframe()


f = chain(3)
names = []
g = f
while g is not None:
    names.append((g.f_code.co_name, g.f_locals.get("n")))
    g = g.f_back
print(names)
f = g = None
print("chain released")


def boom(n):
    v = N(("boom", n))
    if n == 0:
        raise KeyError("b")
    boom(n - 1)


try:
    boom(2)
except KeyError as e:
    tb = e.__traceback__
fr = []
while tb:
    fr.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
    last = tb.tb_frame
    tb = tb.tb_next
print(fr)
print(last.f_locals)
import traceback

f = last
while f.f_code.co_name == "boom":
    f.clear()
    f = f.f_back if f.f_back else None
    if f is None:
        break
last = f = tb = None
print("tb released")


def gen():
    a = N("g")
    b = yield sys._getframe()
    c = yield b


g = gen()
f = next(g)
print(f is g.gi_frame, f.f_back, f.f_locals)
g.send(5)
print(f.f_locals["b"], f.f_lineno - f.f_code.co_firstlineno)
f.clear()
print("generator frame cleared", g.gi_frame)
try:
    next(g)
except StopIteration:
    print("finished")


def running():
    try:
        sys._getframe().clear()
    except RuntimeError as e:
        return str(e)


print(running())


def caller_clear():
    def inner():
        try:
            sys._getframe(1).clear()
        except RuntimeError as e:
            return str(e)

    return inner()


print(caller_clear())


def referrers():
    o = N("referred")
    fr = sys._getframe()
    r = [x for x in gc.get_referrers(o) if isinstance(x, types.FrameType)]
    return len(r), fr in r


print(referrers())


def gen_referrers():
    def g():
        loc = yield
        yield loc

    o = N("in gen")
    x = g()
    next(x)
    x.send(o)
    return sum(isinstance(r, types.GeneratorType) for r in gc.get_referrers(o))


print(gen_referrers())


def cyc():
    a = N("cyc")
    f = sys._getframe()


gc.disable()
cyc()
print("before collect")
gc.collect()
print("after collect")


def loop_frames(n):
    fs = []
    for i in range(n):
        fs.append((lambda v: sys._getframe())(i))
    return sum(f.f_locals["v"] for f in fs), len({id(f) for f in fs})


print(loop_frames(300))


def hot_kept(n):
    f = sys._getframe()
    t = 0
    for i in range(n):
        t += i
        if i % 2000 == 0:
            print(f.f_locals["t"], f.f_locals["i"], f.f_lineno - f.f_code.co_firstlineno)
    return t


print(hot_kept(6000))
