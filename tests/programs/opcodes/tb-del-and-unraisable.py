# Errors in __del__ go to stderr with their traceback, in order, while the program goes on.
# contract: 2
# expect-exit: 1
class D:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return "D"

    @staticmethod
    def helper(n):
        return 1 / n

    def __del__(self):
        D.helper(self.n - self.n)


D.__del__.__qualname__ = "D.__del__"
import sys


def hook(u):
    import traceback

    print("unraisable:", u.err_msg, file=sys.stderr)
    traceback.print_exception(u.exc_value, file=sys.stderr)


sys.unraisablehook = hook


def f():
    a = D(1)
    b = D(2)
    del a
    print("deleted a")
    return b.n


print(f())
x = D(3)
x = None
raise SystemExit(1)
