# Recursion errors inside except, finally, __del__, generators and traced code; depth recovers afterwards.
# contract: 8
import sys

sys.setrecursionlimit(200)


def rec(n):
    global top
    top = n
    rec(n + 1)


def probe():
    global top
    top = 0
    try:
        rec(1)
    except RecursionError:
        return top


print(probe(), probe())


def in_except(n):
    try:
        1 / 0
    except ZeroDivisionError:
        if n == 0:
            return probe()
        return in_except(n - 1)


def in_finally(n):
    try:
        return n
    finally:
        if n == 0:
            print("finally", probe())
        else:
            in_finally(n - 1)


def in_gen():
    yield probe()
    yield from (probe() for _ in range(2))


def catch_and_retry(n):
    c = 0
    for i in range(n):
        try:
            rec(1)
        except RecursionError:
            c += 1
    return c, probe()


def handler_recurses(n):
    global handlers
    try:
        handler_recurses(n + 1)
    except RecursionError:
        handlers += 1
        if handlers < 50:
            handler_recurses(n)


def error_in_repr():
    l = []
    l.append(l)
    d = {}
    x = d
    for i in range(500):
        x["k"] = {}
        x = x["k"]
    try:
        repr(d)
    except RecursionError as e:
        return str(e)


handlers = 0
print(in_except(0), in_except(10), in_except(50))
in_finally(5)
print(list(in_gen()), catch_and_retry(20))
try:
    handler_recurses(0)
except RecursionError as e:
    pass
print(handlers, probe())
print(error_in_repr())


class D:
    def __del__(self):
        try:
            rec(1)
        except RecursionError:
            print("in del", top)


def drop():
    d = D()


drop()


def limits():
    out = []
    for lim in (150, 100, 5):
        try:
            sys.setrecursionlimit(lim)
            out.append((lim, probe()))
        except (RecursionError, ValueError) as e:
            out.append((lim, str(e)))
    for bad in (0, -1, "x", 2**40):
        try:
            sys.setrecursionlimit(bad)
        except (ValueError, OverflowError, TypeError) as e:
            out.append((bad, type(e).__name__, str(e)))
    sys.setrecursionlimit(200)
    return out


print(limits())


def deep_then_lower(n):
    if n:
        return deep_then_lower(n - 1)
    try:
        sys.setrecursionlimit(50)
    except RecursionError as e:
        return str(e)


print(deep_then_lower(100), sys.getrecursionlimit())


def hot_then_deep(n):
    t = 0
    for i in range(n):
        t += i
        if i == n - 1:
            t += probe()
    return t


print(hot_then_deep(6000), hot_then_deep(6000))


def tracer(f, e, a):
    return None


sys.settrace(tracer)
print(probe())
sys.settrace(None)
import threading

out = []
th = threading.Thread(target=lambda: out.append(probe()))
th.start()
th.join()
print(out, probe())


def exc_depth(n):
    try:
        exc_depth(n + 1)
    except RecursionError as e:
        c = 0
        tb = e.__traceback__
        while tb:
            c += 1
            tb = tb.tb_next
        raise


try:
    exc_depth(0)
except RecursionError as e:
    c = 0
    tb = e.__traceback__
    while tb:
        c += 1
        tb = tb.tb_next
    print(c)
