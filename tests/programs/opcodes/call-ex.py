# CALL_FUNCTION_EX: every mixture of * and **, evaluation order, consumption and copying of its operands.
# contract: 1
log = []


def ev(tag, v):
    log.append(tag)
    return v


def f(*a, **k):
    return a, k


class It:
    def __init__(self, *v):
        self.v = v

    def __iter__(self):
        log.append("iter")
        return iter(self.v)


class Map:
    def keys(self):
        log.append("keys")
        return ["p", "q"]

    def __getitem__(self, k):
        log.append("get " + k)
        return k * 2


class BadMap:
    def keys(self):
        return ["p"]

    def __getitem__(self, k):
        raise ZeroDivisionError("in getitem")


class BadKeys:
    def keys(self):
        raise AttributeError("keys gone")


class BadIter:
    def __iter__(self):
        raise KeyError("in iter")


class BadNext:
    def __iter__(self):
        yield 1
        raise ValueError("mid")


def show(fn):
    log.clear()
    try:
        r = fn()
    except Exception as e:
        r = f"{type(e).__name__}: {e}"
    print(r, log)


d = {"k": 1}
t = (1, 2)
cases = [
    lambda: f(*ev("a", t), *ev("b", [3]), x=ev("x", 1), **ev("d", d), y=ev("y", 2)),
    lambda: f(ev("1", 1), *ev("i", It(2, 3)), ev("4", 4), **ev("m", Map())),
    lambda: f(**Map(), **d),
    lambda: f(**Map(), p=1),
    lambda: f(p=1, **Map()),
    lambda: f(**d, **d),
    lambda: f(*t, **{}),
    lambda: f(*(), **{}),
    lambda: f(*t)[0] is t,
    lambda: f(**d)[1] is d,
    lambda: f(*"abc", *{"z": 1}),
    lambda: f(*5),
    lambda: f(*5, *6),
    lambda: f(1, *5),
    lambda: f(**5),
    lambda: f(**None),
    lambda: f(a=1, **5),
    lambda: f(*BadIter()),
    lambda: f(*BadNext()),
    lambda: f(1, *BadNext()),
    lambda: f(**BadMap()),
    lambda: f(a=1, **BadMap()),
    lambda: f(**BadKeys()),
    lambda: f(**{1: 2}),
    lambda: f(**{"a": 1, 2: 3}),
    lambda: f(x=1, **{2: 3}),
    lambda: dict(**{"a": 1, 2: 3}),
    lambda: dict(**{"a b": 1}),
    lambda: f(**{"a b": 1, "": 2}),
    lambda: (lambda a, b: (a, b))(*[1], **{"b": 2}),
    lambda: (lambda a, b: (a, b))(*[1, 2], **{"b": 2}),
    lambda: print(*[1, 2], **{"sep": "-", "end": "|\n"}),
    lambda: max(*[1, 5, 3], **{"key": lambda v: -v}),
    lambda: __doc__(*[1]),
    lambda: len(t)(*[1], **{"a": 1}),
    lambda: f(*(i for i in range(3)), **{str(i): i for i in range(2)}),
]
for c in cases:
    show(c)
for _ in range(150):
    for c in cases[:10]:
        log.clear()
        try:
            c()
        except TypeError:
            pass


class Sub(dict):
    def keys(self):
        log.append("sub.keys")
        return super().keys()

    def __getitem__(self, k):
        log.append("sub.get")
        return 99


class STuple(tuple):
    def __iter__(self):
        return iter("sub")


show(lambda: f(**Sub(a=1)))
show(lambda: f(x=0, **Sub(a=1)))
show(lambda: f(*STuple((1, 2))))
show(lambda: f(0, *STuple((1, 2))))


def mutate(*a, **k):
    k["new"] = 1
    return k


m = {"a": 1}
mutate(**m)
print(m)
lst = [1, 2]


def mutlist(*a):
    lst.clear()
    return a


print(mutlist(*lst), lst)
