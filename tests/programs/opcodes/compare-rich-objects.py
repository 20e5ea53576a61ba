# Rich comparison dispatch: reflection, subclass priority, NotImplemented, results that are not bools.
# contract: 1
log = []


class A:
    n = "A"

    def __repr__(self):
        return "obj"

    def __lt__(self, o):
        log.append(f"{self.n}.lt")
        return NotImplemented

    def __gt__(self, o):
        log.append(f"{self.n}.gt")
        return "gt result"

    def __eq__(self, o):
        log.append(f"{self.n}.eq")
        return NotImplemented


class B(A):
    n = "B"

    def __gt__(self, o):
        log.append("B.gt override")
        return ["list"]

    def __eq__(self, o):
        log.append("B.eq override")
        return 0


class C:
    def __repr__(self):
        return "C()"

    def __eq__(self, o):
        return o == 5

    def __bool__(self):
        log.append("bool")
        return True

    def __contains__(self, x):
        log.append(f"contains {x}")
        return [] if x else "yes"


def ops(a, b):
    out = []
    for f in (lambda: a < b, lambda: a > b, lambda: a == b, lambda: a != b, lambda: a <= b, lambda: a >= b):
        try:
            out.append(f())
        except TypeError as e:
            out.append(str(e))
    return out


for x, y in [(A(), A()), (A(), B()), (B(), A()), (B(), 5), (5, B()), (C(), 5), (5, C()), (A, B)]:
    log.clear()
    print(type(x).__name__, type(y).__name__, [o if not hasattr(o, "n") else "obj" for o in ops(x, y)], log)
a = A()
print(a == a, a != a)
log.clear()
c = C()
print(1 in c, 0 in c, 1 not in c, not c, c and 3, c or 4, log)


def isops(a, b):
    return a is b, a is not b, None is a, not a


for i in range(150):
    isops(i, None)
print(isops(None, None), isops(a, a), isops(0, False))


def none_jumps(v):
    r = []
    if v is None:
        r.append("none")
    if v is not None:
        r.append("some")
    while v is not None:
        v = None
    n = 0
    while v is None:
        n += 1
        if n > 3:
            v = n
    return r, v


for i in range(100):
    none_jumps(i)
print(none_jumps(None), none_jumps(0))


def contains(x, c):
    return x in c, x not in c


class It:
    def __iter__(self):
        return iter([1, 2])


class GI:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i


class NC:
    __contains__ = None


for c in ([1, 2], (1,), {1}, {1: 2}, "1", range(2), It(), GI(), frozenset(), b"\x01", NC(), 5, {"a"}, None):
    try:
        print(type(c).__name__, contains(1, c))
    except TypeError as e:
        print(type(c).__name__, e)
try:
    [] in {1}
except TypeError as e:
    print(e)
