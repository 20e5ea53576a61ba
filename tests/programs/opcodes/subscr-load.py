# BINARY_SUBSCR of list, tuple, dict and __getitem__ at warm sites, then other indices, types and errors.
# contract: 1 7
import types


class GI:
    def __getitem__(self, k):
        return ("gi", k)


class GIPatched:
    def __getitem__(self, k):
        return "first"


class Dflt:
    def __getitem__(self, k, extra=1):
        return (k, extra)


class CGI:
    @classmethod
    def __class_getitem__(cls, k):
        return (cls.__name__, k)


class Miss(dict):
    def __missing__(self, k):
        return ("missing", k)


class LSub(list):
    def __getitem__(self, k):
        return ("lsub", k)


class Idx:
    def __repr__(self):
        return "Idx()"

    def __index__(self):
        return 1


class BadIdx:
    def __repr__(self):
        return "BadIdx()"

    def __index__(self):
        return "x"


def sub(o, k):
    return o[k]


import collections

objs = [
    [10, 20, 30], (1, 2, 3), {0: "zero", 1: "one", "a": "A", -1: "m1", 2**70: "big"}, "str", b"bytes", range(5, 50, 5), GI(),
    Dflt(), CGI, list, Miss(), LSub([1, 2]), collections.defaultdict(int), memoryview(b"mv"), None, 5, int, object,
    collections.deque([7, 8]), bytearray(b"q"),
]
keys = [0, 1, -1, True, 2**30, 2**70, -5, 1.0, "a", None, Idx(), BadIdx(), slice(0, 2), slice(None, None, -1), (1, 2), []]


def key_repr(k):
    return type(k).__name__ if isinstance(k, (Idx, BadIdx)) else repr(k)


def run(f, o, k):
    try:
        r = f(o, k)
        if isinstance(r, memoryview):
            r = bytes(r)
        if isinstance(r, tuple) and r and any(isinstance(x, (Idx, BadIdx)) for x in r):
            return "idx obj"
        return repr(r) if not isinstance(r, types.GenericAlias) or "object" not in repr(r) else "alias"
    except Exception as e:
        return f"{type(e).__name__}: {e}"


table = None
for w, wk in [(objs[0], 1), (objs[1], 1), (objs[2], 1), (objs[6], 1), (objs[3], 0)]:
    f = types.FunctionType(sub.__code__.replace(), globals())
    for _ in range(150):
        f(w, wk)
    rows = [[run(f, o, k) for k in keys] for o in objs]
    if table is None:
        table = rows
        for o, row in zip(objs, rows):
            print(type(o).__name__)
            for k, r in zip(keys, row):
                print("   ", key_repr(k), r)
    else:
        print(rows == table)


def patched(n):
    o = GIPatched()
    out = []
    for i in range(n):
        if i == 100:
            GIPatched.__getitem__ = lambda self, k: "lambda"
        if i == 120:
            GIPatched.__getitem__ = lambda self, k, *a: ("star", a)
        if i == 140:
            GIPatched.__getitem__ = len.__call__ if False else staticmethod(lambda k: ("static", k))
        if i == 160:
            GIPatched.__getitem__ = classmethod(lambda cls, k: ("cm", k))
        if i == 180:
            del GIPatched.__getitem__
        try:
            r = o[i]
        except TypeError as e:
            r = str(e)
        r = str(r).split(",")[0]
        if not out or out[-1] != r:
            out.append(r)
    return out


print(patched(200))


def itercount(l, t, d):
    s = 0
    for i in range(len(l)):
        s += l[i] * t[i] + d[i]
    return s


n = 200
print(itercount(list(range(n)), tuple(range(n)), {i: -i for i in range(n)}))
