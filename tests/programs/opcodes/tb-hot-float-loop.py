# A hot float loop leaves with OverflowError out of **.
# contract: 1
# expect-exit: 1
# expect: traces>=1
# env: PYRT_JIT_BACKGROUND=0
def hot(x):
    n = 0
    while True:
        n += 1
        if n > 5990:
            x = x ** 2.0 + x * 1.5
        else:
            x = x * 1.0001


hot(10.0)
