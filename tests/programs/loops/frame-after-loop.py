# locals() and sys._getframe() right after, and in the else clause of, compiled loops.
# contract: 4
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import sys


def after(n):
    a = 0
    b = 0.5
    c = False
    for i in range(n):
        a += i
        b += a * 0.001
        c = a % 2 == 0
    return dict(locals())


def in_else(n):
    a = 0
    while a < n:
        a += 3
    else:
        l = dict(sys._getframe().f_locals)
    return l, a


def after_break(n):
    t = 2**62
    for i in range(n):
        t += 2**50
        if t > 2**63 + 2**55:
            break
    return sorted(locals().items(), key=str), t.bit_length()


def exception(n):
    t = 0
    x = 1.0
    for i in range(n):
        t += i
        x *= 1.5
        y = x / (n - 1 - i)
    return y


def callback(n, f):
    t = 0
    x = 0.0
    for i in range(n):
        t += i
        x += 0.5
        if i % 2000 == 1999:
            f()
    return t


def look():
    l = sys._getframe(1).f_locals
    print(l["t"], l["x"], l["i"], sys._getframe(1).f_lineno)


def set_local(n):
    t = 0
    for i in range(n):
        t += i
        if i == 5500:
            sys._getframe().f_locals["t"] = 10**6
            locals()["t"] = 10**7
    return t


print(after(6000))
print(in_else(6000), after_break(10000))
try:
    exception(1000)
    exception(6000)
except (ZeroDivisionError, OverflowError) as e:
    f = e.__traceback__.tb_next.tb_frame
    print(e, f.f_locals, f.f_lineno - f.f_code.co_firstlineno, e.__traceback__.tb_next.tb_lasti)
callback(6000, look)
print(set_local(6000))


def recur(n, d):
    t = 0
    for i in range(n):
        t += i
        if i == 2500 and d:
            t += recur(n, d - 1)
    return t


print(recur(3000, 5))
