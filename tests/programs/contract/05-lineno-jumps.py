# Debugger jumps: f_lineno assignments inside loops, over blocks, and every refusal message.
# contract: 5
import sys


def jump(func, frm, to, *args):
    done = []
    base = func.__code__.co_firstlineno

    def tracer(frame, event, arg):
        if frame.f_code is not func.__code__:
            return None
        if event == "line" and not done and frame.f_lineno == base + frm:
            done.append(1)
            try:
                frame.f_lineno = base + to
            except ValueError as e:
                print("refused:", e)
        return tracer

    out = []
    sys.settrace(tracer)
    try:
        r = func(out, *args)
    except BaseException as e:
        r = f"{type(e).__name__}: {e}"
    sys.settrace(None)
    print(func.__name__, frm, to, r, out)


def simple(out):
    out.append(1)
    out.append(2)
    out.append(3)
    out.append(4)
    return "end"


def loop(out):
    for i in range(3):
        out.append(i)
        out.append("mid")
        out.append("last")
    out.append("after")
    return i


def tryf(out):
    try:
        out.append("try")
        out.append("try2")
    except ValueError:
        out.append("except")
    finally:
        out.append("finally")
    out.append("end")


def withf(out):
    with CM(out):
        out.append("body")
        out.append("body2")
    out.append("end")


class CM:
    def __init__(self, out):
        self.out = out

    def __enter__(self):
        self.out.append("enter")

    def __exit__(self, *a):
        self.out.append("exit")


def unbound(out):
    out.append(1)
    x = 5
    out.append(x)
    return x


def hot(out, n=20):
    t = 0
    i = 0
    while i < n:
        i += 1
        t += i
        t += 1000
    out.append(t)
    return t


for _ in range(60):
    simple([]), loop([]), tryf([]), withf([]), hot([])
for f, pairs in (
    (simple, [(2, 4), (4, 1), (1, 5), (2, 40), (2, 0)]),
    (loop, [(2, 4), (4, 2), (3, 5), (5, 2), (1, 5), (5, 1), (2, 1)]),
    (tryf, [(2, 3), (1, 8), (2, 8), (8, 2), (2, 5), (5, 8), (7, 8), (2, 7)]),
    (withf, [(2, 3), (1, 4), (4, 2), (2, 4), (3, 1)]),
    (unbound, [(1, 3), (2, 4)]),
    (hot, [(4, 6), (6, 4), (5, 7), (7, 4), (7, 1)]),
):
    for a, b in pairs:
        jump(f, a, b)


def err(func, event_wanted, *args):
    def tracer(frame, event, arg):
        if frame.f_code is func.__code__ and event == event_wanted:
            try:
                frame.f_lineno = frame.f_code.co_firstlineno + 1
                print("jumped")
            except ValueError as e:
                print(event, "refused:", e)
        return tracer

    sys.settrace(tracer)
    try:
        list(func(*args))
    except Exception as e:
        pass
    sys.settrace(None)


def gen():
    yield 1
    raise KeyError


for ev in ("call", "return", "exception"):
    err(gen, ev)
for bad in ("x", 1.5, None):
    def tr(frame, event, arg):
        if event == "line":
            try:
                frame.f_lineno = bad
            except Exception as e:
                print(type(e).__name__, e)
            return None
        return tr

    sys.settrace(tr)
    simple([])
    sys.settrace(None)
