# with: protocol order, suppression, several managers, returns and jumps inside, exceptions from __exit__, missing methods.
# contract: 1 2
import contextlib


class CM:
    def __init__(self, n, suppress=False, enter=None, exit=None):
        self.n, self.s, self.en, self.ex = n, suppress, enter, exit

    def __enter__(self):
        print("enter", self.n)
        if self.en:
            raise self.en
        return self.n

    def __exit__(self, t, v, tb):
        print("exit", self.n, t and t.__name__, v, tb and tb.tb_lineno - tb.tb_frame.f_code.co_firstlineno)
        if self.ex:
            raise self.ex
        return self.s


def t(f):
    try:
        print("result", f())
    except BaseException as e:
        c = e.__context__
        print("raised", type(e).__name__, e, "| context", type(c).__name__, c)


def plain():
    with CM(1) as a, CM(2) as b:
        return a, b


def suppressed():
    with CM(1, True):
        1 / 0
    return "after"


def nested_raise():
    with CM(1), CM(2, True), CM(3, exit=KeyError("in exit")):
        raise ValueError("body")
    return "swallowed by 2"


def enter_raises():
    with CM(1, True), CM(2, enter=LookupError("enter 2")):
        print("not reached")
    return "suppressed by outer"


def exit_raises_normal():
    with CM(1, exit=OSError("normal exit")):
        pass


def loops():
    for i in range(5):
        with CM(i):
            if i == 1:
                continue
            if i == 2:
                break
    return i


def ret_in_finally():
    try:
        with CM(1):
            raise ValueError
    finally:
        return "finally wins"


def gen():
    with CM("gen"):
        yield 1
        yield 2


def close_gen():
    g = gen()
    next(g)
    g.close()
    return "closed"


def drop_gen():
    g = gen()
    next(g)
    del g
    return "dropped"


def targets():
    d = {}
    with CM((1, [2, 3])) as (d["a"], [d["b"], d["c"]]):
        pass
    return d


def bad_target():
    with CM(5, True) as (a, b):
        pass
    return "suppressed unpack error"


class NoEnter:
    def __exit__(self, *a):
        pass


class NoExit:
    def __enter__(self):
        pass


class Async:
    async def __aenter__(self):
        pass

    async def __aexit__(self, *a):
        pass


class InstanceOnly:
    def __init__(self):
        self.__enter__ = self.__exit__ = lambda *a: None


class BadBool:
    def __enter__(self):
        return self

    def __exit__(self, *a):
        return BadBool.B()

    class B:
        def __bool__(self):
            raise OverflowError("bool of exit result")


class CallableExit:
    class E:
        def __call__(self, *a):
            print("callable exit", len(a))

    def __enter__(self):
        pass

    __exit__ = E()


def use(o):
    with o:
        raise KeyError("k")


for f in (plain, suppressed, nested_raise, enter_raises, exit_raises_normal, loops, ret_in_finally, close_gen, drop_gen, targets, bad_target):
    print("--", f.__name__)
    t(f)
for o in (NoEnter(), NoExit(), Async(), InstanceOnly(), 5, None, BadBool(), CallableExit(), contextlib.suppress(KeyError)):
    print("--", type(o).__name__)
    t(lambda: use(o))


class Quiet:
    n = 0

    def __enter__(self):
        Quiet.n += 1
        return self

    def __exit__(self, t, v, tb):
        return t is ZeroDivisionError


def hot(n):
    c = 0
    for i in range(n):
        with Quiet() as q, Quiet():
            c += 1 // (i % 3)
        if i == n // 2:
            Quiet.__enter__ = lambda self: setattr(Quiet, "n", Quiet.n + 1000)
    return c, Quiet.n


print(hot(300))


@contextlib.contextmanager
def cm():
    print("cm enter")
    try:
        yield "v"
    except ValueError as e:
        print("cm caught", e)
    finally:
        print("cm exit")


with cm() as v:
    raise ValueError(v)
with contextlib.ExitStack() as st:
    for i in range(3):
        st.enter_context(CM(i))
