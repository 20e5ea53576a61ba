# Dicts and sets with keys of all kinds in hot loops: lookups, stores, deletions, errors, keys with code of their own.
# contract: 1 2 3
# expect: traces>=1
import sys
import weakref


class Key:
    log = []

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        Key.log.append("h")
        return hash(self.n)

    def __eq__(self, other):
        Key.log.append("e")
        return isinstance(other, Key) and self.n == other.n or self.n == other

    def __repr__(self):
        return f"Key({self.n})"


class Default(dict):
    def __missing__(self, key):
        return ("missing", key)

    def __getitem__(self, key):
        return "mine"

    def get(self, key, default=None):
        return "got"

    def __contains__(self, key):
        return True


class S(str):
    def __hash__(self):
        return 5

    def __eq__(self, other):
        return True


KEYS = ["a", "b", 1, 2, 1.0, 2.5, True, None, (1, "a"), (1, (2, 3)), b"x", "missing", -1, 2**70, Key(1), Key(99), S("z"), (Key(3),), [], float("nan"), "\u0416", frozenset([1]), ()]


def make(kind):
    if kind == 0:
        return {"a": 1, "b": 2, "c": None}
    if kind == 1:
        return {1: "one", 2: "two", "a": "A", None: 0, (1, "a"): "t", b"x": "bytes", 2.5: "f"}
    if kind == 2:
        return {Key(1): "k1", Key(99): "k99", 5: "five", "a": 3}
    if kind == 3:
        return Default(a=1)
    if kind == 4:
        return {i: i * i for i in range(400)}
    if kind == 5:
        return {f"k{i}": i for i in range(300)} | {"a": 0}
    return vars(type("X", (), {"__init__": lambda self: self.__dict__.update(a=4, b=5)})())


def hot(function, n=120):
    out = []
    for kind in range(7):
        for key in KEYS:
            d = make(kind)
            y = None
            for i in range(n):
                k = "a" if i < n - 3 and kind != 4 else key
                try:
                    y = function(d, k)
                except Exception as error:
                    y = type(error).__name__ + ": " + str(error)
            out.append(y)
        out.append(len(d))
    return out


def store(d, k):
    d[k] = (k, 1)
    return d[k]


def delete(d, k):
    d[k] = 1
    del d[k]
    return k in d


def aug(d, k):
    d[k] = d.get(k, 0) if not isinstance(d.get(k, 0), int) else d.get(k, 0) + 1
    return d[k]


FUNCTIONS = [
    lambda d, k: d[k], lambda d, k: d.get(k), lambda d, k: d.get(k, "default"), lambda d, k: k in d, lambda d, k: k not in d,
    lambda d, k: d.setdefault(k, 7), lambda d, k: d.pop(k, "gone"), lambda d, k: d.pop(k), store, delete, aug, lambda d, k: len(d),
]
for number, function in enumerate(FUNCTIONS):
    print(number, hot(function))
print(len(Key.log) > 0)


def sets(what, n=150):
    out = []
    for key in KEYS:
        s = {1, 2, "a", None, (1, "a"), b"x"}
        f = frozenset(["a", 1, Key(1)])
        y = None
        for i in range(n):
            k = "a" if i < n - 3 else key
            try:
                if what == 0:
                    y = k in s, k in f
                elif what == 1:
                    s.add(k)
                    y = len(s)
                elif what == 2:
                    s.add(k)
                    s.remove(k)
                    y = k in s
                elif what == 3:
                    s.discard(k)
                    y = len(s)
                elif what == 4:
                    s.remove(k)
                else:
                    y = k in {"a", 1, None}, k in ("a", 1, None), k in ["a", 2.5], k in {"a": 1}
            except Exception as error:
                y = type(error).__name__ + ": " + str(error)
        out.append(y)
    return out


for what in range(6):
    print(what, sets(what))


class Dies:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        frame = sys._getframe(1)
        print("dies", self.n, frame.f_code.co_name, frame.f_locals.get("i"), frame.f_lineno - frame.f_code.co_firstlineno)


def replaced(n):
    d = {"x": 0}
    for i in range(n):
        d["x"] = Dies(i) if i > n - 4 else i
    d.pop("x")
    for i in range(n):
        d["y"] = i if i < n - 3 else Dies(i)
        del d["y"]
    for i in range(n):
        d[i] = i if i < n - 3 else Dies(i)
        d.pop(i)
        d.get(i, Dies(-i) if i > n - 3 else None)
    return len(d)


print(replaced(300))


def refs(n):
    d = {}
    x = object()
    for i in range(n):
        d["k"] = x
        y = d["k"]
        c = sys.getrefcount(x)
        del d["k"]
    return c


print(refs(300))


def dying_holder(n):
    out = 0
    for i in range(n):
        v = {"a": [i]}["a"]
        w = {"a": [i]}.get("a")
        out += v[0] + w[0]
    return out


print(dying_holder(300))


def weak(n):
    class Holder:
        pass
    out = []
    d = {}
    for i in range(n):
        h = Holder()
        if i > n - 3:
            w = weakref.ref(h, lambda _, i=i: out.append(i))
        d["h"] = h
        h = None
        if i > n - 3:
            d["h"] = None
            out.append("after")
    return out


print(weak(200))


class Instance:
    pass


def attributes(n):
    x = Instance()
    x.a = 0
    d = x.__dict__
    for i in range(n):
        d["a"] = i
        d["b"] = x.a + 1
        x.b += 1
    return x.a, x.b, d


print(attributes(300))
counter = 0


def module_globals(n):
    g = globals()
    total = 0
    for i in range(n):
        g["counter"] = i
        total += counter
    return total


print(module_globals(300))


def collisions(n):
    d = {}
    for i in range(n):
        d[i * 2**61 - i] = i
        d[float(i)] = i
        d[-i] = 1
    return len(d), sum(k in d for k in range(n))


print(collisions(300))
