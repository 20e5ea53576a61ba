# List, tuple, set and dict displays with unpacking, order of evaluation, duplicates, errors in the middle.
# contract: 1
order = []


def e(x):
    order.append(x)
    return x


class It:
    def __init__(self, v, boom=False):
        self.v, self.boom = v, boom

    def __iter__(self):
        yield from self.v
        if self.boom:
            raise ZeroDivisionError("boom")


def builds(i):
    return [
        [], (), {}, [e(1), e(2)], (i,), (i, 2), {i, 2, 2}, {e("k"): e("v"), "z": i}, [*"ab", *[1], i], (*"ab", i), {*"aa", *[1, i]},
        {**{"a": 1}, "b": 2, **{"a": i}}, [*[]], (*(), ), {**{}}, [1, 2, 3, 4, 5], (1, 2, (3, i)), {1: 2, 3: 4, i: 5}, {1, 2, 3, i},
        [*range(3), *{"k": 1}, *(x for x in "yz")], {"const": 1, "keys": i, "map": 3},
    ]


for i in range(150):
    order.clear()
    r = builds(i)
for x in r:
    print(sorted(x, key=repr) if isinstance(x, set) else x)
print(order)


class Boom:
    def __hash__(self):
        raise KeyError("hash")


class Eq:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return 1

    def __eq__(self, o):
        order.append(("eq", self.v, o.v))
        return True


for f in (
    lambda: [*5], lambda: [1, *None], lambda: (*3,), lambda: {*4}, lambda: {**5}, lambda: {**[1]}, lambda: {"a": 1, **None},
    lambda: [*It("ab", True)], lambda: (1, *It("ab", True)), lambda: {*It("ab", True)}, lambda: {[]: 1}, lambda: {1: 2, Boom(): 3},
    lambda: {Boom()}, lambda: {1, []}, lambda: {**It("ab")}, lambda: [1, *It("ab")], lambda: {*[[]]}, lambda: {x: 1 for x in [[]]},
    lambda: {x for x in [{}]},
):
    try:
        print(f())
    except Exception as ex:
        print(type(ex).__name__, ex)
order.clear()
d = {Eq("a"): 1, Eq("b"): 2}
print(len(d), list(d)[0].v, d[Eq("q")], order)
print({1: "int", 1.0: "float", True: "bool"}, {0, False, 0.0}, {True: 1, 1: 2})


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)


def partial():
    try:
        [Noisy(1), Noisy(2), 1 / 0]
    except ZeroDivisionError:
        print("list aborted")
    try:
        {"a": Noisy(3), "b": Noisy(4), **{"a": 0}, "c": 1 / 0}
    except ZeroDivisionError:
        print("dict aborted")
    try:
        (Noisy(5), *[Noisy(6)], undefined)
    except NameError:
        print("tuple aborted")


partial()
big = [*range(1000), *range(1000)]
print(len(big), sum(big))
exec("t = (" + ",".join(f"n{i % 3}" for i in range(600)) + ")\nl = [" + ",".join(f"n{i % 3}" for i in range(600)) + "]\ns = {" +
     ",".join(f"n{i % 3}" for i in range(600)) + "}\nd = {" + ",".join(f"'k{i}': n{i % 3}" for i in range(600)) + "}",
     ns := {"n0": 0, "n1": 1, "n2": 2})
print(len(ns["t"]), ns["t"] == tuple(ns["l"]), ns["s"], len(ns["d"]), ns["d"]["k599"])
