# STORE_SUBSCR and DELETE_SUBSCR on lists, dicts, slices and user types, warm and failing.
# contract: 1 7
import types


class SI:
    def __init__(self):
        self.log = []

    def __setitem__(self, k, v):
        self.log.append((k, v))

    def __delitem__(self, k):
        self.log.append(("del", k))


class Boom:
    def __hash__(self):
        raise ZeroDivisionError("hash")


class LSub(list):
    def __setitem__(self, k, v):
        list.__setitem__(self, k, ("sub", v))


def st(o, k, v):
    o[k] = v


def dl(o, k):
    del o[k]


mk = [lambda: [1, 2, 3], lambda: {1: "one"}, SI, lambda: LSub([1, 2]), lambda: bytearray(b"abc"), lambda: (1, 2),
      lambda: "abc", lambda: None, lambda: 5, lambda: memoryview(bytearray(b"xyz"))]
keys = [0, 1, -1, 3, -4, True, 2**40, 2**70, "k", None, 1.0, [], slice(0, 1), slice(5, None), slice(None, None, 2)]


def show(o):
    return bytes(o) if isinstance(o, memoryview) else getattr(o, "log", o)


def run(f, m, *a):
    o = m()
    try:
        f(o, *a)
        return repr(show(o))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


ref = None
for wo, wk in (([0, 0], 1), ({}, 1), (SI(), 1)):
    s = types.FunctionType(st.__code__.replace(), globals())
    d = types.FunctionType(dl.__code__.replace(), globals())
    for i in range(150):
        s(wo, wk, i)
        if not isinstance(wo, list):
            d(wo, wk)
    rows = []
    for m in mk:
        for k in keys:
            for v in (7, [8, 9], "s"):
                rows.append((type(m()).__name__, repr(k), v, run(s, m, k, v)))
            rows.append((type(m()).__name__, repr(k), "del", run(d, m, k)))
    if ref is None:
        ref = rows
        for r in rows:
            print(*r)
    else:
        print(rows == ref)
for f, a in ((st, ({}, Boom(), 1)), (dl, ({}, Boom())), (dl, ({}, 1)), (st, ({}, {}, 1))):
    try:
        f(*a)
    except Exception as e:
        print(type(e).__name__, e)


class Noisy:
    def __init__(self, t):
        self.t = t

    def __del__(self):
        print("del", self.t)


l = [Noisy("l0"), Noisy("l1")]
for i in range(3):
    st(l, 0, Noisy(f"new{i}"))
d = {}
for i in range(3):
    st(d, "k", Noisy(f"d{i}"))
dl(d, "k")
print("deleted from dict")
dl(l, 1)
print("deleted from list")
l[:] = []
print("end")


def mix(n):
    l = [0] * 16
    d = {}
    for i in range(n):
        l[i & 15] = i
        d[i & 31] = l[i & 7]
        l[i & 3] += 1
        d[i & 3] -= 1
    return sum(l), sum(d.values()), len(d)


print(mix(400))


def dictresize(n):
    d = {}
    for i in range(n):
        d[i] = i
        if i % 3 == 0:
            del d[i // 2 if i // 2 in d else i]
    return len(d), sum(d)


print(dictresize(500))
