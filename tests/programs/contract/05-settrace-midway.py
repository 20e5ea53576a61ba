# Tracing switched on and off in the middle of hot loops: by the loop itself, by a callee, nested calls, __del__.
# contract: 5
import sys

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def report(tag):
    from itertools import groupby

    print(tag, len(events), [(k, len(list(g))) for k, g in groupby(events, key=lambda e: e[:2])][:12], events[:6], events[-4:])
    events.clear()


def on():
    sys.settrace(tracer)


def on_here():
    sys.settrace(tracer)
    sys._getframe(1).f_trace = tracer


def off():
    sys.settrace(None)


def callee(i):
    return i + 1


def loop_global_only(n):
    t = 0
    for i in range(n):
        if i == 5500:
            on()
        t += i
        if i == 5510:
            off()
    return t


print(loop_global_only(6000))
report("own frame not traced")


def loop_f_trace(n):
    t = 0
    for i in range(n):
        if i == 5500:
            on_here()
        t += i
        if i == 5504:
            off()
    return t


print(loop_f_trace(6000))
report("own frame traced")


def loop_calls(n):
    t = 0
    for i in range(n):
        if i == 5500:
            on()
        t += callee(i)
        if i == 5503:
            off()
    return t


print(loop_calls(6000))
report("callees traced")


def nested_on(n):
    def deep(k):
        if k == 0:
            on_here()
            return 0
        return deep(k - 1) + 1

    t = 0
    for i in range(n):
        t += i
        if i == 5500:
            t += deep(5)
    off()
    return t


print(nested_on(5600))
report("set deep down")


class OnDel:
    def __del__(self):
        sys.settrace(tracer)
        sys._getframe(1).f_trace = tracer


def by_del(n):
    x = OnDel()
    t = 0
    for i in range(n):
        t += i
        if i == 5500:
            x = None
        if i == 5502:
            off()
    return t


print(by_del(6000))
report("set by __del__")


class Add:
    def __add__(self, o):
        sys.settrace(tracer)
        sys._getframe(1).f_trace = tracer
        return 1

    def __radd__(self, o):
        return self + o

    __bool__ = lambda self: bool(self + 1)
    __lt__ = __add__
    __getitem__ = __add__
    __getattr__ = __add__

    def __iter__(self):
        self + 1
        return iter([1, 2])

    def __len__(self):
        return self + 1


def by_operator():
    a = Add()
    out = []
    for op in range(8):
        x = 0
        if op == 0:
            x = 1 + a
        elif op == 1:
            x = 2 if a else 3
        elif op == 2:
            x = a < 1
        elif op == 3:
            x = a[0]
        elif op == 4:
            x = a.attr
        elif op == 5:
            for x in a:
                pass
        elif op == 6:
            x = len(a)
        else:
            x = [k for k in a]
        y = op
        off()
        out.append(x)
    return out


for _ in range(30):
    events.clear()
    r = by_operator()
print(r)
report("set by operators")


def generator(n):
    t = 0
    for i in range(n):
        t += i
        if i % 1000 == 999:
            yield t


g = generator(6000)
next(g)
on()
next(g)
off()
next(g)
report("generator resumed under tracing")


def raising_tracer(frame, event, arg):
    if event == "line":
        raise ValueError("tracer failed")
    return raising_tracer


def victim():
    x = 1
    return x


sys.settrace(raising_tracer)
try:
    victim()
except ValueError as e:
    print(e, sys.gettrace())


def once(frame, event, arg):
    events.append((frame.f_code.co_name, event, 0))
    sys.settrace(None)
    return once


sys.settrace(once)
victim()
victim()
report("removed itself")


def loop_traced_then_hot(n):
    t = 0
    for i in range(n):
        t += i
        if i == 2:
            off()
    return t


on()
r = loop_traced_then_hot(8000)
print(r)
report("traced from the start, off midway")
