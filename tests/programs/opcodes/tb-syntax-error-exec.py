# Uncaught SyntaxError from compile in a function: caret line and frames.
# contract: 1
# expect-exit: 1
def comp(src):
    return compile(src, "given.txt", "exec")


def f():
    comp("x = 1\nfor i in range(3) print(i)\n")


f()
