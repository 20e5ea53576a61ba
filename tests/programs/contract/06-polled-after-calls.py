# What a call of C asks for, a signal or an asynchronous exception, happens right after the call: within the `try` around it.
# contract: 6
# expect: traces>=5
import _thread
import ctypes
import functools
import operator
import os
import signal
import sys
import threading
import time

ROUNDS = 6000
seen = []


def handler(sig, frame):
    seen.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, frame.f_locals["n"]))


signal.signal(signal.SIGUSR1, handler)
user = functools.partial(_thread.interrupt_main, signal.SIGUSR1)
raises = ctypes.pythonapi.PyThreadState_SetAsyncExc
raises.argtypes = [ctypes.c_ulong, ctypes.py_object]
me = threading.get_ident()


class Async(Exception):
    pass


def plain(functions):
    out = []
    for n, function in enumerate(functions):
        try:
            function()
            out.append(0)
        except KeyboardInterrupt:
            out.append(1)
    return out


def spread(functions):
    out = []
    for n, function in enumerate(functions):
        try:
            function(*())
            out.append(0)
        except KeyboardInterrupt:
            out.append(1)
    return out


def in_callee(function, n):
    try:
        function()
        return 0
    except KeyboardInterrupt:
        return 1


def inlined(functions):
    out = []
    for n, function in enumerate(functions):
        out.append(in_callee(function, n))
    return out


def generator(functions):
    for n, function in enumerate(functions):
        try:
            function()
            yield 0
        except KeyboardInterrupt:
            yield 1


def generated(functions):
    out = []
    for value in generator(functions):
        out.append(value)
    return out


def with_operands(functions):
    out = []
    for n, function in enumerate(functions):
        try:
            out.append([n & 1, str(function()), 0])
        except KeyboardInterrupt:
            out.append(n)
    return [type(value).__name__ for value in out]


def asynchronous(functions):
    out = []
    for n, function in enumerate(functions):
        try:
            function(me, Async)
            out.append(0)
        except Async:
            out.append(1)
    return out


calls = [time.time] * ROUNDS + [_thread.interrupt_main] * 3 + [os.getpid] * 2 + [_thread.interrupt_main, time.time] + [user, user, time.time]
for run in (plain, spread, inlined, generated, with_operands):
    for _ in range(2):
        print(run.__name__, run(calls)[-12:], seen)
        seen.clear()
print("asynchronous", asynchronous([operator.is_] * ROUNDS + [raises] * 3 + [operator.is_])[-6:])


def waits(lock, rounds):
    """Another thread interrupts this one while it waits, and lets it go on."""
    caught = 0
    for n in range(rounds):
        try:
            lock.acquire()
        except KeyboardInterrupt:
            caught += 1
        else:
            if n < rounds - 1:
                lock.release()
    return caught


free = threading.Lock()
print("free", waits(free, ROUNDS))


def interrupt(lock):
    sys.setswitchinterval(10)
    _thread.interrupt_main()
    lock.release()


_thread.start_new_thread(interrupt, (free,))
print("held", waits(free, 1))
