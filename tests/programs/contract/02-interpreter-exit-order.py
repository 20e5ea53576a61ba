# Finalization at interpreter exit: atexit, module globals, threads' ends, generators left suspended.
# contract: 2
import atexit
import sys
import threading


class N:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        sys_out.write(f"del {self.n}\n")
        sys_out.flush()


sys_out = sys.__stdout__
N.out = sys_out
N.__del__ = lambda self, w=sys_out.write, fl=sys_out.flush: (w(f"del {self.n}\n"), fl())


def g():
    try:
        yield 1
    finally:
        print("generator finally at exit")


_first = N("underscore name dies first")
second = N("second")
third = N("third")
gen = g()
next(gen)


@atexit.register
def bye():
    t = 0
    for i in range(6000):
        t += i
    print("atexit", t)


@atexit.register
def failing():
    raise KeyError("in atexit")


sys.unraisablehook = lambda u: print("unraisable", u.exc_type.__name__, u.exc_value, u.err_msg)


def worker():
    n = N("thread local")
    t = 0
    for i in range(6000):
        t += i
    print("worker done", t)


th = threading.Thread(target=worker)
th.start()
th.join()


class Cyc:
    def __init__(self, n):
        self.n, self.me = n, self

    def __del__(self, w=sys_out.write, fl=sys_out.flush):
        w(f"cycle del {self.n}\n")
        fl()


c = Cyc("at exit")
print("end of module")
