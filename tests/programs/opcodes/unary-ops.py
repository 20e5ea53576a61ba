# Unary -, +, ~ and not over builtin and user types, also where the operand raises or the result is odd.
# contract: 1
class U:
    def __neg__(self):
        return "neg"

    def __pos__(self):
        return "pos"

    def __invert__(self):
        return "inv"

    def __bool__(self):
        return False


class L:
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n


class B:
    def __init__(self, r):
        self.r = r

    def __bool__(self):
        if isinstance(self.r, Exception):
            raise self.r
        return self.r


def neg(x):
    return -x


def pos(x):
    return +x


def inv(x):
    return ~x


def no(x):
    return not x


def jumps(x):
    r = []
    if x:
        r.append("t")
    if not x:
        r.append("f")
    r.append("and" if x and 1 else "no")
    r.append("or" if x or 0 else "no")
    return r


vals = [0, 1, -1, True, False, 2**62, -(2**63), 2**63, 2**200, 0.0, -0.0, 1.5, float("nan"), float("-inf"), 1j, "", "a", b"",
        [], [0], (), {}, {1}, None, U(), L(0), L(2), L(-1), L("x"), B(True), B(False), B(1), B(None), B(ZeroDivisionError("z")), object, ...]
for f in (neg, pos, inv, no, jumps):
    for i in range(150):
        f(i)
    for v in vals:
        try:
            r = f(v)
        except Exception as e:
            r = f"{type(e).__name__}: {e}"
        print(f.__name__, type(v).__name__, r, type(r).__name__)


def truthy_loop(n):
    c = 0
    for i in range(n):
        x = (0, 1, 0.0, 2.5, "", "s", None, [], [1], True)[i % 10]
        if x:
            c += 1
        elif not x and x is not None:
            c += 100
        c += (x and 1000) == 1000
        while not x:
            x = 1
    return c


print(truthy_loop(500))


def boolops(a, b, c):
    return a and b or c, (a or b) and c, not a or not b, a if b else c, not (a and b and c), (a or b or c) is c


for i in range(200):
    r = boolops(i % 2, i % 3, i % 5)
print(r, boolops("", [], None), boolops("x", [1], {}))
