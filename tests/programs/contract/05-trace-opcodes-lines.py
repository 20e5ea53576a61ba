# f_trace_opcodes and f_trace_lines: opcode events with offsets, lines switched off, both toggled midway.
# contract: 5
import sys

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return None
    frame.f_trace_opcodes = True
    events.append((event, frame.f_lasti if event == "opcode" else frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def f(a, b):
    t = 0
    for i in range(a):
        t += i * b
        if t > 3:
            t = -t
    return t


for _ in range(100):
    f(3, 2)
sys.settrace(tracer)
f(3, 2)
sys.settrace(None)
print(events)
events.clear()


def nolines(frame, event, arg):
    frame.f_trace_lines = False
    events.append((frame.f_code.co_name, event))
    return nolines


sys.settrace(nolines)
f(3, 2)
sys.settrace(None)
print(events)
events.clear()


def toggler(frame, event, arg):
    events.append((event, frame.f_lineno and frame.f_lineno - frame.f_code.co_firstlineno))
    if event == "line" and len(events) == 6:
        frame.f_trace_opcodes = True
    if event == "opcode" and len(events) > 20:
        frame.f_trace_opcodes = False
        frame.f_trace_lines = False
    return toggler


sys.settrace(toggler)
f(5, 1)
sys.settrace(None)
print(events)
events.clear()


def gen(n):
    for i in range(n):
        x = yield i


def local_none(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    return None


sys.settrace(local_none)
list(gen(2))
f(2, 2)
sys.settrace(None)
print(events)
events.clear()


def local_delete(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    if event == "line" and len(events) == 4:
        del frame.f_trace
    return local_delete


sys.settrace(local_delete)
f(4, 2)
sys.settrace(None)
print(events)


def big(n):
    t = 0
    i = 0
    while i < n:
        t += i
        i += 1
    return t


counts = {}


def counter(frame, event, arg):
    k = frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno
    counts[k] = counts.get(k, 0) + 1
    return counter


sys.settrace(counter)
big(6000)
sys.settrace(None)
print(sorted(counts.items()))
big(6000)
