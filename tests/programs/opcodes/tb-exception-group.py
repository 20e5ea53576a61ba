# Uncaught ExceptionGroup with nested groups, causes and partial handling by except*.
# contract: 1
# expect-exit: 1
def leaf(i):
    try:
        return 1 / (i - i)
    except ZeroDivisionError as e:
        e.add_note(f"leaf {i}")
        return e


def build():
    return ExceptionGroup("top", [ValueError("v"), ExceptionGroup("inner", [leaf(1), leaf(2), KeyError("k")]), OSError("o")])


try:
    raise build()
except* KeyError:
    print("keys handled")
except* ValueError as g:
    raise RuntimeError("in handler") from g
