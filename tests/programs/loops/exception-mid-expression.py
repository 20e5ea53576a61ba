# Exceptions leave compiled loops with values on the stack, inside try/finally and with, and loops continue.
# contract: 1 2
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import sys
import traceback


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)


def deep(n):
    t = 0
    for i in range(n):
        t = t + (i, [i, (t, 1 // (n - 3 - i))])[0]
    return t


def arith_stack(n):
    t = 0
    x = 0.5
    for i in range(n):
        t = (t + i) * 3 % 1009 + (i - (t * 2 - i % (n - 3 - i)))
    return t


def held(n):
    keep = Noisy("held local")
    t = 0
    for i in range(n):
        t += 100 // (n - 3 - i)
    return keep


def finally_runs(n):
    log = []
    t = 0
    try:
        for i in range(n):
            t += 1
            if i == n - 2:
                t += None
    finally:
        log.append((t, i))
        print(log)


def nested_handlers(n):
    t = 0
    errs = 0
    for i in range(n):
        try:
            t += i % (i % 50)
        except ZeroDivisionError as e:
            errs += 1
            try:
                t += "x"
            except TypeError:
                errs += 100
    return t, errs


def inner_outer(n):
    t = 0
    for i in range(n):
        try:
            for j in range(5):
                t += j // (4 - j) if i % 10 == 0 else j
        except ZeroDivisionError:
            t += 10000
            continue
        t += 1
    return t


def overflow_err(n):
    x = 1.5
    for i in range(n):
        if i > n - 5:
            x = x * 1e200
            y = int(x * x)
        else:
            x = x + 0.001
    return y


def raise_in_loop(n):
    t = 0
    for i in range(n):
        t += i
        if t > 10**7:
            raise ValueError(t, i)
    return t


def stop(n):
    def g():
        t = 0
        for i in range(n):
            t += i
            if i == n - 1:
                raise StopIteration(t)
            if i % 3000 == 0:
                yield i

    return list(g())


for f in (deep, arith_stack, held, finally_runs, nested_handlers, inner_outer, overflow_err, raise_in_loop, stop):
    try:
        print(f.__name__, f(6000))
    except Exception as e:
        print(f.__name__)
        traceback.print_exc(file=sys.stdout)
        del e
