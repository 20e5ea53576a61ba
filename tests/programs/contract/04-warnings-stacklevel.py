# warnings, logging and inspect find caller file, line and module through frames of warm functions.
# contract: 4
import inspect
import io
import logging
import sys
import warnings

got = []
warnings.showwarning = lambda m, c, f, l, *a: got.append((str(m), l))
warnings.simplefilter("always")


def deprecated(level):
    warnings.warn(f"level {level}", DeprecationWarning, stacklevel=level)


def user(n):
    for i in range(n):
        if i % 50 == 0:
            deprecated(1)
            deprecated(2)
            deprecated(3)
    return len(got)


print(user(200))
print(sorted(set(got)))
got.clear()
warnings.simplefilter("default")
user(200)
print(sorted(set(got)), len(got))
s = io.StringIO()
h = logging.StreamHandler(s)
h.setFormatter(logging.Formatter("%(funcName)s:%(lineno)d:%(module)s:%(message)s"))
log = logging.getLogger("x")
log.addHandler(h)
log.propagate = False


def work(n):
    t = 0
    for i in range(n):
        t += i
        if i % 2500 == 0:
            log.warning("t=%d", t)
    log.error("done", stack_info=False)
    try:
        1 / 0
    except ZeroDivisionError:
        log.warning("failed", stacklevel=2)


def outer():
    work(6000)


outer()
print(s.getvalue())


def who():
    fi = inspect.currentframe().f_back
    info = inspect.getframeinfo(fi)
    return info.function, info.lineno - fi.f_code.co_firstlineno, info.code_context[0].strip(), info.positions and (info.positions.col_offset, info.positions.end_col_offset)


def ask(n):
    r = None
    for i in range(n):
        r = (i, who()) if i == n - 1 else None
    return r


print(ask(500))


def args_of(a, b=2, *c, d, **e):
    v = inspect.getargvalues(sys._getframe())
    return v.args, v.varargs, v.keywords, {k: v.locals[k] for k in "abcde"}


print(args_of(1, d=4, z=5))
import collections

Point = collections.namedtuple("Point", "x y")
print(Point.__module__, Point(1, 2))


def typed():
    import enum

    class E(enum.Enum):
        A = enum.auto()

    return E.__module__, E.__qualname__


print(typed())
