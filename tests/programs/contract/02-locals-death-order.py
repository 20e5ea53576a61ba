# Locals die at the exact statement CPython kills them: overwrite, del, return, unwinding, argument passing.
# contract: 2
class N:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)

    def __repr__(self):
        return f"N({self.n})"


def overwrite():
    x = N("x1")
    print("made")
    x = N("x2")
    print("overwritten")
    x = x
    x = None
    print("none")


def order():
    c, a, b = N("c"), N("a"), N("b")
    d = N("d")
    print("returning")
    return 5


def order_cells():
    a = N("cell a")
    b = N("plain b")
    f = lambda: a
    return f() is a


def unwind():
    a = N("outer a")

    def inner():
        b = N("inner b")
        c = N("inner c")
        raise KeyError("k")

    inner()


def args(a, b, *rest, k=None, **kw):
    print("in args")
    a = None
    print("a gone")
    return 1


def temp():
    print(N("t1").n, N("t2").n)
    N("expr statement")
    print("after statement")
    x = N("l").n + N("r").n
    print(x)


def callee(x):
    del x
    print("callee deleted its name")


def loopvar():
    for x in (N(i) for i in range(3)):
        print("body", x.n)
    print("after loop", x.n)


def loopreplace():
    for i in range(3):
        v = N(("v", i))
        print("loop", i)
    print("loop over")


def exc_var():
    try:
        raise KeyError(N("in exc"))
    except KeyError as e:
        print("handler")
    print("after handler")


def tup():
    t = (N("t0"), [N("t1")], {"k": N("t2")})
    a, b, c = t
    del t
    print("tuple gone")
    b.clear()
    print("list cleared")
    c["k"] = 0
    print("dict replaced")


def swap():
    a, b = N("sa"), N("sb")
    a, b = b, a
    print("swapped")
    b = 0
    print("b zero")


def chain():
    a = b = N("shared")
    a = None
    print("one left")
    b = None
    print("zero left")


def ret_value():
    x = N("returned")
    y = N("not returned")
    return x


def attr():
    o = N("holder")
    o.child = N("child")
    o.child.child = N("grandchild")
    print("holder leaves")


def finallyret():
    x = N("fx")
    try:
        return N("fr")
    finally:
        x = None
        print("in finally")


def run():
    for f in (overwrite, order, order_cells, temp, loopvar, loopreplace, exc_var, tup, swap, chain, attr):
        print("--", f.__name__)
        f()
    print("-- args")
    args(N("a"), N("b"), N("r"), k=N("k"), z=N("z"))
    print("-- callee")
    callee(N("arg"))
    print("-- unwind")
    try:
        unwind()
    except KeyError:
        print("caught")
    print("after unwind")
    print("-- ret")
    ret_value()
    print("dropped")
    keep = ret_value()
    print("kept", keep)
    keep = None
    print("-- finally")
    finallyret()


run()
