# sys.excepthook replaced; exception str() failing; exit status stays 1.
# contract: 1
# expect-exit: 1
import sys


class Bad(Exception):
    def __str__(self):
        raise ValueError("str failed")


def hook(t, v, tb):
    n = 0
    while tb:
        print(tb.tb_frame.f_code.co_name, tb.tb_lineno)
        tb = tb.tb_next
        n += 1
    print("hook", t.__name__, n)
    sys.__excepthook__(t, v, None)
    raise KeyError("hook failed too")


sys.excepthook = hook


def f(n):
    if n == 0:
        raise Bad
    f(n - 1)


f(3)
