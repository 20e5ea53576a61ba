# Global and builtin lookups guard dict identity, version and key order: clear, update, rename, swap, sort of entries.
# contract: 7
import builtins
import types

X = 1


def read(n, hook):
    t = 0
    for i in range(n):
        hook(i)
        t += X
    return t


def mk(ns):
    return types.FunctionType(read.__code__, ns)


def h_update(i):
    if i == 200:
        globals().update(X=10)
    if i == 300:
        globals().setdefault("X", 99)
    if i == 350:
        globals().update({"X": 100, "Y": 1})


def h_pop(i):
    g = globals()
    if i == 200:
        v = g.pop("X")
        g["ZZZ"] = 5
        g["X"] = v + 1
    if i == 300:
        g["X"] = g.pop("ZZZ")


def h_builtin(i):
    g = globals()
    if i == 200:
        builtins.X = 7
    if i == 250:
        del g["X"]
    if i == 300:
        builtins.X = 8
    if i == 350:
        g["X"] = 9
        del builtins.X


print(read(400, h_update))
X = 1
print(read(400, h_pop))
X = 1
print(read(400, h_builtin))
X = 1
ns = {"X": 2}
f = mk(ns)
print(f(300, lambda i: None), f(300, lambda i: ns.update(X=3) if i == 200 else None))
big = {f"k{i}": i for i in range(300)}
big["X"] = 4
f2 = mk(big)


def shrink(i):
    if i == 200:
        for k in range(290):
            del big[f"k{k}"]
        big["X"] = 40
    if i == 250:
        big["new"] = 1
        big["X"] = 41


print(f2(300, shrink))
intkeys = {1: 1, "X": 5, None: 2}
f3 = mk(intkeys)
print(f3(300, lambda i: intkeys.update({2: 3, "X": 6}) if i == 200 else None))


class Str(str):
    def __hash__(self):
        return str.__hash__(self)

    def __eq__(self, o):
        return str.__eq__(self, o)


weird = {Str("X"): 50}
f4 = mk(weird)
print(f4(300, lambda i: None))


def boom(i):
    if i == 250:
        ns.clear()
    if i == 300:
        ns["X"] = 1


try:
    print(f(400, boom))
except NameError as e:
    print(e)


def many_functions(n):
    src = "def f(i):\n    return X + i\n"
    spaces = [{"X": k} for k in range(n)]
    for s in spaces:
        exec(src, s)
    t = 0
    for i in range(600):
        t += spaces[i % n]["f"](i)
        if i % 100 == 99:
            spaces[i % n]["X"] = 1000
    return t


print(many_functions(7))


def share_code(n):
    a = types.FunctionType(read.__code__, {"X": 1})
    b = types.FunctionType(read.__code__, {"X": 0.5})
    c = types.FunctionType(read.__code__, {"X": 2**64})
    return [g(n, lambda i: None) for g in (a, b, c, a, c, b)]


print(share_code(300))
