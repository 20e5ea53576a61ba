# traceback with capture_locals and StackSummary, from frames of a hot loop that raised.
# contract: 4
# expect-exit: 1
import sys
import traceback


def hot(n, limit):
    total = 0
    f = 0.5
    flag = False
    for i in range(n):
        total += i
        f = f * 1.0000001 + 0.25
        flag = i % 2 == 0
        if i == limit:
            raise ValueError("limit")
    return total


def caller():
    x = "caller local"
    return hot(7000, 6500)


try:
    caller()
except ValueError as e:
    e.__traceback__ = e.__traceback__.tb_next
    te = traceback.TracebackException.from_exception(e, capture_locals=True)
    print("".join(te.format()))
    tb = e.__traceback__
    while tb:
        fr = tb.tb_frame
        print(fr.f_code.co_name, tb.tb_lineno, tb.tb_lasti, fr.f_lineno, {k: v for k, v in fr.f_locals.items() if k != "e"} if fr.f_code.co_name != "<module>" else "")
        tb = tb.tb_next
caller()
