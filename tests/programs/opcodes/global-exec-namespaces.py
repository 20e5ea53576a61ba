# exec and eval with dict subclasses, custom mappings and custom __builtins__ look names up as CPython does.
# contract: 1
class G(dict):
    def __missing__(self, k):
        if k in ("print", "range"):
            raise KeyError(k)
        return "missing " + k

    def __getitem__(self, k):
        print("getitem", k)
        return dict.__getitem__(self, k)


class M:
    def __init__(self):
        self.d = {}
        self.log = []

    def __getitem__(self, k):
        self.log.append("get " + k)
        return self.d[k]

    def __setitem__(self, k, v):
        self.log.append("set " + k)
        self.d[k] = v

    def __delitem__(self, k):
        self.log.append("del " + k)
        del self.d[k]


g = G(x=1)
exec("y = x\nprint(y)\ndef f():\n    return x\nprint(f())", g)
print(sorted(k for k in g if k != "__builtins__"))
try:
    exec("print(zzz)", g)
except NameError as e:
    print(e)
exec("def loop():\n    t = 0\n    for i in range(200):\n        t += x\n    return t", g)
print(g["loop"]())
g["x"] = 2
print(g["loop"]())

m = M()
m.d["a"] = 10
exec("b = a + 1\nfor i in range(3): b += i\ndel a\nclass C:\n    z = 4\n", {}, m)
print(m.d["b"], sorted(m.d), m.log)
try:
    exec("del nothing", {}, m)
except NameError as e:
    print(type(e).__name__, e)
try:
    exec("print(nothing)", {}, m)
except NameError as e:
    print(type(e).__name__, e)


class Raising(M):
    def __getitem__(self, k):
        raise ZeroDivisionError(k)

    def __delitem__(self, k):
        raise OverflowError(k)


for src in ("q", "del q"):
    try:
        exec(src, {}, Raising())
    except Exception as e:
        print(type(e).__name__, e)
for ns in ({"__builtins__": {}}, {"__builtins__": {"len": lambda x: "my len"}}, {"__builtins__": {"print": print}}):
    for src in ("len([1])", "print(1)", "[i for i in range(2)]", "(lambda: len(()))()"):
        try:
            print(src, eval(src, dict(ns)))
        except Exception as e:
            print(src, type(e).__name__, e)


class B(dict):
    def __missing__(self, k):
        return lambda *a: ("builtin " + k, a)


try:
    print(eval("whatever(1)", {"__builtins__": B()}))
    print(eval("(lambda: other(2))()", {"__builtins__": B()}))
except Exception as e:
    print(type(e).__name__, e)
for bad in (5, None, "abc"):
    try:
        print(eval("len([1])", {"__builtins__": bad}))
    except Exception as e:
        print(repr(bad), type(e).__name__, e)
ns = {"__builtins__": {}}
for src in ("class A: pass", "import os", "def f(): return undefined\nf()", "assert 0", "raise ValueError", "f'{1!r}'"):
    try:
        exec(src, dict(ns))
        print(src, "ok")
    except BaseException as e:
        print(repr(src), type(e).__name__, e)
ns = {}
exec("import builtins\ndef f():\n    return len('abc')\n", ns)
for i in range(130):
    ns["f"]()
ns["__builtins__"] = {"len": lambda x: "late"}
print(ns["f"]())
exec("def g():\n    return len('abc')", ns)
print(ns["g"]())


class NotDict:
    pass


for a in ((5,), ({}, 5), (NotDict(),)):
    try:
        exec("1", *a)
    except TypeError as e:
        print(e)
print(eval("x + y", {"x": 1, "y": 100}, {"y": 2}))
exec("x = 1\nglobal y\ny = 2\nprint(sorted(k for k in globals() if k != '__builtins__'), sorted(locals()))", {}, {})
