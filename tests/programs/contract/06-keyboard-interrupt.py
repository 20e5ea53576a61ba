# KeyboardInterrupt raised in hot loops by raise_signal, interrupt_main and a timer: traceback and cleanup.
# contract: 6 1
import _thread
import os
import signal
import sys
import threading
import traceback


def at(n):
    t = 0
    for i in range(n):
        t += i
        if i == n - 5:
            signal.raise_signal(signal.SIGINT)
        t -= 1
    return t


def imain(n):
    t = 0
    i = 0
    while i < n:
        i += 1
        t += i
        if i == n - 5:
            _thread.interrupt_main()
        t -= 1
    return t


for f in (at, imain):
    try:
        f(6000)
    except KeyboardInterrupt as e:
        traceback.print_exc(file=sys.stdout)
        print(e.__traceback__.tb_next.tb_frame.f_locals)


def spin(kind):
    try:
        i = 0
        x = 0.0
        while True:
            i += 1
            if kind:
                x += 0.5
    except KeyboardInterrupt:
        return "interrupted", i > 0, x >= 0
    finally:
        print("cleanup", kind)


def later():
    ready.wait()
    os.kill(os.getpid(), signal.SIGINT)


for kind in (0, 1):
    ready = threading.Event()
    th = threading.Thread(target=later)
    th.start()
    ready.set()
    print(spin(kind))
    th.join()


def by_timer():
    signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    for i in range(10**12):
        for j in range(10):
            pass


try:
    by_timer()
except KeyboardInterrupt:
    print("timer interrupt")


def masked():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    os.kill(os.getpid(), signal.SIGINT)
    t = 0
    for i in range(6000):
        t += i
    try:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGINT])
        t += 1
    except KeyboardInterrupt:
        return "after unblock", t


print(masked())


def in_except():
    try:
        1 / 0
    except ZeroDivisionError:
        t = 0
        for i in range(6000):
            t += i
            if i == 5990:
                signal.raise_signal(signal.SIGINT)


try:
    in_except()
except KeyboardInterrupt as e:
    print(repr(e.__context__))
