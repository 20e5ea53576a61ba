# assert statements: messages, side effects, LOAD_ASSERTION_ERROR when AssertionError is shadowed.
# contract: 1
import traceback
import sys


def t(v, m=None):
    assert v
    assert v, m
    assert v and m or v, f"{v}"
    return "passed"


class Falsy:
    def __bool__(self):
        return False

    def __repr__(self):
        return "Falsy()"


for i in range(150):
    t(1, i)
for v in (0, [], Falsy(), None):
    for f in (lambda: t(v), lambda: exec("assert v, 'msg'", {"v": v}), lambda: exec("assert v, (1, 2)", {"v": v})):
        try:
            f()
        except AssertionError as e:
            print(repr(e), e.args)


class BadBool:
    def __bool__(self):
        raise ValueError("bool")


try:
    t(BadBool())
except ValueError as e:
    print(e)
builtin = AssertionError
AssertionError = KeyError


def shadowed():
    assert 0, "still the builtin"


try:
    shadowed()
except builtin as e:
    print(type(e).__name__, e)
import builtins

del AssertionError
saved = builtins.AssertionError
builtins.AssertionError = 5
try:
    shadowed()
except saved as e:
    print("real", e)
builtins.AssertionError = saved


def lazy():
    log = []
    assert not log.append(1), log.append(2)
    return log


print(lazy())


def multi(x):
    assert (
        x
        > 5
    ), "multi" \
       "line"


try:
    multi(1)
except AssertionError:
    traceback.print_exc(file=sys.stdout)


def countdown(n):
    i = n
    while True:
        assert i, ("reached", i)
        i -= 1


try:
    countdown(300)
except AssertionError as e:
    print(e.args)
