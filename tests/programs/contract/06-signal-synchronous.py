# raise_signal at exact iterations of hot loops: the handler runs right there, with true locals, lines and effects.
# contract: 6 4
import signal
import sys
import traceback

log = []


def handler(sig, frame):
    l = frame.f_locals
    log.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, l.get("i"), l.get("t"), l.get("x")))


signal.signal(signal.SIGUSR1, handler)


def hot(n):
    t = 0
    x = 0.5
    for i in range(n):
        t += i
        x = x * 0.5 + 1
        if i % 2500 == 2499:
            signal.raise_signal(signal.SIGUSR1)
        t -= 1
    return t, x


print(hot(6000))
print(log)
log.clear()


class Stop(Exception):
    pass


def stopper(sig, frame):
    raise Stop("from handler")


signal.signal(signal.SIGUSR2, stopper)


def left(n):
    t = 0
    for i in range(n):
        t += i
        if i == 5500:
            signal.raise_signal(signal.SIGUSR2)
        t += 1
    return t


try:
    left(6000)
except Stop as e:
    traceback.print_exc(file=sys.stdout)
    f = e.__traceback__.tb_next.tb_frame
    print(f.f_locals)


def caught_inside(n):
    t = 0
    c = 0
    for i in range(n):
        try:
            t += i
            if i % 1000 == 0:
                signal.raise_signal(signal.SIGUSR2)
            t += 1
        except Stop:
            c += 1
    return t, c


print(caught_inside(6000))


def nested_handler(sig, frame):
    t = 0
    for i in range(6000):
        t += i
    log.append(t)
    if len(log) < 3:
        signal.raise_signal(signal.SIGUSR1)


signal.signal(signal.SIGUSR1, nested_handler)
print(hot(3000), log)
log.clear()


def gen(n):
    t = 0
    for i in range(n):
        t += i
        if i == 5000:
            signal.raise_signal(signal.SIGUSR1)
            yield t


signal.signal(signal.SIGUSR1, handler)
print(list(gen(6000)), log)
log.clear()


def changes_global(sig, frame):
    global K
    K = 0.5 if K == 1 else "str"


signal.signal(signal.SIGUSR1, changes_global)
K = 1


def uses_global(n):
    t = 0
    for i in range(n):
        t += K
        if i % 2000 == 1999:
            signal.raise_signal(signal.SIGUSR1)
    return t


try:
    uses_global(6000)
except TypeError as e:
    print(e, e.__traceback__.tb_next.tb_frame.f_locals)
old = signal.signal(signal.SIGUSR1, signal.SIG_IGN)
K = 1
print(uses_global(6000), old is changes_global, signal.getsignal(signal.SIGUSR1) == signal.SIG_IGN)
