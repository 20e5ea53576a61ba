# Annotations in modules, classes, functions and exec namespaces, with deletion of __annotations__.
# contract: 1
a: int
b: "str" = 2
(c): float = 3.0
d: list[int]
print(__annotations__)
x = [0]
x[0]: print("annotation evaluated") = 5
print(x, __annotations__)


class Obj:
    pass


Obj.attr: print("attr annotation") = 1


def f():
    local: undefined_but_not_evaluated = 1
    return local


print(f(), f.__annotations__)


class C:
    p: int = 1
    q: str
    for i in range(2):
        r: i
    if False:
        s: 1
    del __annotations__["p"]


print(C.__annotations__)


class D:
    def m(self, a: 1, /, b: 2 = 3, *args: 4, k: 5, **kw: 6) -> 7:
        pass


print(D.m.__annotations__)
ns = {}
exec("v: int = 1\nw: str", ns)
print(ns["__annotations__"])


class M(dict):
    def __getitem__(self, k):
        print("get", k)
        return dict.__getitem__(self, k)

    def __setitem__(self, k, v):
        print("set", k)
        dict.__setitem__(self, k, v)


m = M()
exec("z: 1 = 2", {}, m)
for src in ("del __annotations__\nz: int = 1", "__annotations__ = 5\nz: int = 1", "z: int = 1/0", "z: nope = 1", "z: nope"):
    try:
        exec(src, {})
        print("ok", src)
    except Exception as e:
        print(type(e).__name__, e)
try:
    class E:
        del __annotations__
        v: int
except NameError as e:
    print(e)
del __annotations__
try:
    late: int = 1
except NameError as e:
    print(e)
exec("from __future__ import annotations\nq: undefined.thing[1] = 3\ndef g(a: also.undefined) -> b: pass\nprint(__annotations__, g.__annotations__)", {})
