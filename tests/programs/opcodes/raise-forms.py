# raise: classes, instances, from forms, bare raise with and without an active exception, wrong operands.
# contract: 1
class MyExc(Exception):
    def __init__(self, *a):
        print("init", a)
        super().__init__(*a)


class BadInit(Exception):
    def __init__(self, x):
        pass


class NotExcNew(Exception):
    def __new__(cls):
        return 5


class RaisingNew(Exception):
    def __new__(cls):
        raise KeyError("in new")


def show(f):
    try:
        f()
    except BaseException as e:
        print(f.__name__, "->", type(e).__name__, e, "| cause", repr(e.__cause__), "| ctx", repr(e.__context__), "|", e.__suppress_context__)


def cls():
    raise MyExc


def inst():
    raise MyExc(1)


def frm():
    raise ValueError("v") from KeyError("k")


def frm_cls():
    raise ValueError from KeyError


def frm_none():
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError("hidden") from None


def frm_bad():
    raise ValueError from 5


def frm_badinit():
    raise ValueError from BadInit


def frm_notexc():
    raise ValueError from NotExcNew


def ctx():
    try:
        1 / 0
    except ZeroDivisionError:
        raise ValueError("with context")


def bare():
    raise


def bare_in_handler():
    try:
        1 / 0
    except ZeroDivisionError:
        raise


def bare_helper():
    try:
        1 / 0
    except ZeroDivisionError:
        bare()


def bare_after():
    try:
        1 / 0
    except ZeroDivisionError:
        pass
    raise


def bare_finally():
    try:
        1 / 0
    finally:
        bare()


def num():
    raise 5


def string():
    raise "text"


def none():
    raise None


def badinit():
    raise BadInit


def notexc():
    raise NotExcNew


def rnew():
    raise RaisingNew


def cls_obj():
    raise int


def from_self():
    e = ValueError("self")
    raise e from e


def chain3():
    try:
        try:
            raise KeyError(1)
        except KeyError:
            raise ValueError(2)
    except ValueError:
        raise TypeError(3)


def same_again():
    e = ValueError("same")
    try:
        raise e
    except ValueError:
        raise e


def cyc():
    a, b = ValueError("a"), KeyError("b")
    try:
        raise a
    except ValueError:
        try:
            raise b
        except KeyError:
            raise a


def undefined():
    raise NoSuchName("x")


def expr():
    raise (ValueError if 0 else TypeError)(["arg"])


def gen_ctx():
    def g():
        try:
            yield
        except ValueError:
            raise KeyError("from gen")

    x = g()
    next(x)
    try:
        1 / 0
    except ZeroDivisionError:
        x.throw(ValueError("thrown"))


def nested_handler_state():
    import sys

    try:
        1 / 0
    except ZeroDivisionError:
        try:
            [][1]
        except IndexError:
            pass
        raise


for f in (cls, inst, frm, frm_cls, frm_none, frm_bad, frm_badinit, frm_notexc, ctx, bare, bare_in_handler, bare_helper, bare_after, bare_finally, num,
          string, none, badinit, notexc, rnew, cls_obj, from_self, chain3, same_again, cyc, undefined, expr, gen_ctx, nested_handler_state):
    show(f)
import sys


def excinfo():
    out = [sys.exc_info()[0], sys.exception()]
    try:
        raise KeyError("one")
    except KeyError:
        out.append(repr(sys.exception()))
        try:
            raise IndexError("two")
        except IndexError:
            out.append(repr(sys.exception()))
        out.append(repr(sys.exception()))

        def g():
            yield repr(sys.exception())
            try:
                raise OSError("three")
            except OSError:
                yield repr(sys.exception())
            yield repr(sys.exception())

        out.extend(g())
    out.append(sys.exception())
    return out


for _ in range(120):
    r = excinfo()
print(r)
