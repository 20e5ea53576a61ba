# A timer signal's handler runs inside hot int loops and can change what the loop waits for.
# contract: 6
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import signal

hits = []
flag = False


def handler(sig, frame):
    global flag
    hits.append(frame.f_code.co_name)
    flag = True


signal.signal(signal.SIGALRM, handler)


def wait_global():
    global flag
    flag = False
    i = 0
    signal.setitimer(signal.ITIMER_REAL, 0.03)
    while not flag:
        i += 1
    return i > 0


class Stop(Exception):
    pass


def raising(sig, frame):
    l = frame.f_locals
    raise Stop(frame.f_code.co_name, l["t"] == l["i"] * 2 or l["t"] == (l["i"] - 1) * 2, type(l["i"]).__name__)


def spin_for(n):
    t = 0
    for i in range(n):
        t = i * 2
    return t


def spin_while():
    i = 0
    t = 0
    while True:
        i += 1
        t = i * 2


def spin_float():
    i = 0
    t = 0.0
    while True:
        i += 1
        t = i * 2.0


print(wait_global(), wait_global(), hits)
signal.signal(signal.SIGALRM, raising)
for f, a in ((spin_for, (10**12,)), (spin_while, ()), (spin_float, ())):
    for _ in range(2):
        signal.setitimer(signal.ITIMER_REAL, 0.03)
        try:
            f(*a)
        except Stop as e:
            print(f.__name__, e.args)
            tb = e.__traceback__
            names = []
            while tb:
                names.append(tb.tb_frame.f_code.co_name)
                tb = tb.tb_next
            print(names)


def nested():
    t = 0
    c = 0
    while True:
        for i in range(100):
            t = i * 2
        c += 1


signal.setitimer(signal.ITIMER_REAL, 0.03)
try:
    nested()
except Stop as e:
    print(e.args[0])


def pass_loop():
    while True:
        pass


def raising2(sig, frame):
    raise Stop(frame.f_code.co_name)


signal.signal(signal.SIGALRM, raising2)
signal.setitimer(signal.ITIMER_REAL, 0.03)
try:
    pass_loop()
except Stop as e:
    print(e.args[0])
for f in (lambda: [0 for _ in iter(int, 1)], lambda: sum(0 for _ in iter(int, 1))):
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    try:
        f()
    except Stop as e:
        print("stopped", e.args[0] in ("<listcomp>", "<lambda>", "<genexpr>"))


def rec_loop(n):
    while True:
        if n:
            n -= 1
        else:
            n = 10


signal.setitimer(signal.ITIMER_REAL, 0.02)
try:
    rec_loop(5)
except Stop as e:
    print(e.args)
