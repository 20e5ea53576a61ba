# Columns of subscripts, attribute chains, calls with several lines of arguments.
# contract: 1
# expect-exit: 1
class N:
    pass


n = N()
n.a = N()
n.a.b = {"k": [1, 2, 3]}


def g(*args, **kw):
    return args[0].a.b["k"][kw["i"]].c.d


try:
    n.a.b["k"][
        7
    ]
except IndexError as e:
    import traceback, sys

    traceback.print_exception(e, file=sys.stdout)
g(
    n,
    i=1,
    j=[
        2,
    ],
)
