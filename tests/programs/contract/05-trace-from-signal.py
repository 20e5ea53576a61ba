# A signal handler switches tracing on inside a hot loop; the loop's frame sees it at once.
# contract: 5 6
import signal
import sys

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((frame.f_code.co_name, event))
    return tracer


def handler(sig, frame):
    events.append(("handler in", frame.f_code.co_name))
    sys.settrace(tracer)
    frame.f_trace = tracer


signal.signal(signal.SIGALRM, handler)


def hot(limit):
    i = 0
    t = 0
    while i < limit:
        i += 1
        t = (t + i) & 1023
        if events:
            break
    sys.settrace(None)
    return i < limit


signal.setitimer(signal.ITIMER_REAL, 0.02)
print(hot(10**9))
print(events[0], set(events[1:]))
events.clear()


def prof(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((frame.f_code.co_name, event))


def phandler(sig, frame):
    sys.setprofile(prof)


signal.signal(signal.SIGALRM, phandler)


def callee(x):
    return x + 1


def hot2(limit):
    i = 0
    while i < limit:
        i = callee(i)
        if events:
            break
    sys.setprofile(None)
    return i < limit


signal.setitimer(signal.ITIMER_REAL, 0.02)
print(hot2(10**9))
print(("phandler", "return") in events, ("hot2", "c_call") in events)


def exact(n):
    t = 0
    for i in range(n):
        t += i
        if i == 5900:
            signal.raise_signal(signal.SIGUSR1)
        t += 1
        if i == 5901:
            sys.settrace(None)
            break
    return t


lines = []


def ltrace(frame, event, arg):
    lines.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
    return ltrace


def uhandler(sig, frame):
    sys.settrace(ltrace)
    frame.f_trace = ltrace


signal.signal(signal.SIGUSR1, uhandler)
print(exact(6000))
print(lines)
