# Columns of a failing operand in a long binary expression.
# contract: 1
# expect-exit: 1
a, b, c, d = 1, 2, 0, 3


def f(x):
    return (x + a * b) - (a / c + d) * b


f(3)
