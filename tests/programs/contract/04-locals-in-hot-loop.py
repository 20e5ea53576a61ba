# locals(), f_locals and frame reads in the middle of hot loops show the current unboxed values.
# contract: 4
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import sys


def snapshot():
    return dict(sys._getframe(1).f_locals)


def pure(n):
    t = 0
    x = 0.5
    b = False
    for i in range(n):
        t = (t * 3 + i) & 0xFFFF
        x = x * 0.999 + i * 0.25
        b = t > 100
    return t, x, b


print(pure(8000))


def observed(n, every):
    t = 0
    x = 1.0
    b = False
    out = []
    for i in range(n):
        t += i
        x = x * 0.5 + t
        b = not b
        if i % every == every - 1:
            s = snapshot()
            del s["out"]
            s.pop("s", None)
            out.append(s)
            s = None
    return out


for s in observed(6000, 1500):
    print(s)


def with_locals(n):
    a = 1
    for i in range(n):
        a = a * 5 % 1000003
        if i == n - 1:
            l = locals()
            return sorted(l.items(), key=str)


print(with_locals(6000))


def cells(n):
    a = 0

    def peek():
        return a, sys._getframe(1).f_locals["a"], sys._getframe(1).f_locals["i"]

    res = None
    for i in range(n):
        a += i
        if i == 5999:
            res = peek()
    return res


print(cells(6000))


def nested_locals():
    x = 1

    def inner():
        y = x
        z = [1]
        return sorted(locals()), (lambda: sorted(locals()))(), [sorted(locals()) for _ in "a"]

    class K:
        p = x
        names = sorted(k for k in locals() if not k.startswith("__"))

    return inner(), K.names, sorted(locals())


for _ in range(120):
    r = nested_locals()
print(r)


def deleted():
    a = b = c = 1
    del b
    l = locals()
    d = 2
    first = dict(l)
    locals()
    first.pop("l", None)
    l2 = {k: v for k, v in l.items() if k not in ("l", "first")}
    return first, l2


for _ in range(120):
    r = deleted()
print(r)


def frame_after_return():
    v = 10
    f = sys._getframe()
    for i in range(6000):
        v += i
    return f


f = frame_after_return()
print(f.f_locals["v"], f.f_locals["i"], f.f_lineno - f.f_code.co_firstlineno, f.f_back.f_code.co_name, f.f_code.co_name)
f.clear()
print(f.f_locals)


def writes():
    x = 1
    sys._getframe().f_locals["x"] = 2
    locals()["x"] = 3
    exec("x = 4")
    return x


for _ in range(120):
    r = writes()
print(r)
