# A hot int loop leaves with ZeroDivisionError: traceback line and columns are exact.
# contract: 1
# expect-exit: 1
# expect: traces>=1
# env: PYRT_JIT_BACKGROUND=0
def hot(n):
    t = 0
    for i in range(n):
        t += i
        t = t // (
            n - 1 - i
        ) + t
    return t


print("start")
hot(6000)
