# DICT_UPDATE and DICT_MERGE: messages for non-mappings, duplicates and errors raised by keys() or __getitem__.
# contract: 1
class Keys:
    def __init__(self, k):
        self.k = k

    def keys(self):
        if isinstance(self.k, Exception):
            raise self.k
        return self.k

    def __getitem__(self, k):
        return f"v{k}"


class NoGet:
    def keys(self):
        return ["a"]


class Sub(dict):
    def keys(self):
        return ["virtual"]

    def __getitem__(self, k):
        return "sub"


def f(*a, **k):
    return a, k


def g(a=1, b=2):
    return a, b


class C:
    def m(self, **k):
        return k

    @property
    def keys(self):
        raise AttributeError("nested attribute error")


o = C()
bad = [5, None, "ab", [("a", 1)], Keys(5), Keys(KeyError("own")), Keys(AttributeError("own attr")), NoGet(), C(), Keys([[]]), Keys([1])]
good = [{}, {"x": 1}, Keys(["p", "q"]), Sub(a=1), Keys("st")]
for v in bad + good:
    for fn in (lambda: {**v}, lambda: {"a": 0, **v}, lambda: f(**v), lambda: f(z=0, **v), lambda: g(**v), lambda: o.m(**v, **v),
               lambda: dict(**v), lambda: dict(v), lambda: print(**v), lambda: C.m(o, **v)):
        try:
            r = fn()
        except Exception as e:
            r = f"{type(e).__name__}: {e}"
        print(type(v).__name__, r)
d = {}
for v in good:
    d |= v if isinstance(v, dict) else {}
    d.update(v)
print(d)
for fn in (lambda: d | 5, lambda: 5 | d, lambda: d.__ior__(5), lambda: d.__ior__([("k", "v")])["k"], lambda: d.update(5), lambda: d.update([1])):
    try:
        print(fn())
    except Exception as e:
        print(type(e).__name__, e)
for fn in (lambda: f(**{"a": 1}, **{"a": 2}), lambda: f(a=1, **{"a": 2}), lambda: o.m(a=1, **{"b": 2}, **{"b": 3}), lambda: (lambda **k: k)(**{"x": 1}, **{"x": 2}),
           lambda: f(**{1: 1}, **{1: 2}), lambda: int(**{"x": 1}, **{"x": 2}), lambda: C(**{"x": 1}, **{"x": 1})):
    for _ in range(80):
        try:
            fn()
        except TypeError as e:
            m = str(e)
    print(m)
