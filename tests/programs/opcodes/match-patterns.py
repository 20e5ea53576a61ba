# match: literal, capture, sequence, star, mapping, rest, class, or, guard, value and nested patterns.
# contract: 1
from collections import ChainMap, OrderedDict, UserList, deque, namedtuple
from dataclasses import dataclass
from enum import Enum


class Color(Enum):
    RED = 1
    BLUE = 2


@dataclass
class P:
    x: int
    y: object


class Q:
    __match_args__ = ("a", "b")

    def __init__(self, a, b, c=None):
        self.a, self.b, self.c = a, b, c


class Str(str):
    pass


NT = namedtuple("NT", "u v")


def m(v):
    match v:
        case None:
            return "None"
        case True | False as b:
            return f"bool {b}"
        case 0 | 1 | -1:
            return f"small {v!r}"
        case 2.5:
            return "float"
        case 3 + 4j:
            return "complex"
        case "a" | b"a":
            return "text"
        case Color.RED:
            return "red"
        case int(n) if n > 1000:
            return f"big int {n}"
        case int() | float():
            return "number"
        case []:
            return "empty seq"
        case [1, *rest]:
            return f"starts 1, rest {rest}"
        case [x, y] if x == y:
            return f"equal pair {x}"
        case (x, [y, z], *_):
            return f"nested {x, y, z}"
        case [first, *_, last]:
            return f"ends {first} {last}"
        case [only]:
            return f"one {only}"
        case {"k": 1, **rest}:
            return f"map k=1 {rest}"
        case {"k": k, "l": [l, *_]}:
            return f"map {k} {l}"
        case {"only": v2}:
            return f"only {v2}"
        case {}:
            return "mapping"
        case P(x=0, y=yy):
            return f"P zero {yy}"
        case P(xx, P(a, b)):
            return f"P nested {xx, a, b}"
        case P(_, str() as s):
            return f"P str {s}"
        case Q(1, c=cc):
            return f"Q one {cc}"
        case Q(a=aa, b=bb):
            return f"Q {aa, bb}"
        case str(s) | bytes(s):
            return f"string {s!r}"
        case set() | frozenset():
            return "set"
        case _:
            return f"other {type(v).__name__}"


vals = [None, True, False, 0, 1, -1, 1.0, 2.5, 3 + 4j, "a", b"a", Color.RED, Color.BLUE, 5000, 10**30, 7, 0.5, [], (), [1], [1, 2, 3], (2, 2), [2, [3, 4]], [2, (3, 4), 5],
        [2, 3, 4], (9,), range(1, 4), range(5, 7), deque([7, 7]), UserList([8]), NT(1, 2), NT(5, 6), "xyz", bytearray(b"a"), Str("sub"), {}, {"k": 1}, {"k": 1, "z": 2}, {"k": 2, "l": [3]},
        {"k": 2, "l": "no"}, {"only": 1}, OrderedDict(k=1), ChainMap({"only": 3}), {1: 2}, P(0, 1), P(1, P(2, 3)), P(1, "s"), P(1, 2), Q(1, 2), Q(1, 2, 3), Q(2, 3), {1}, object, memoryview(b"ab")]
for _ in range(30):
    for v in vals:
        m(v)
for v in vals:
    print(type(v).__name__, m(v))


def cap(v):
    match v:
        case [x, (y, *z) as w, {"q": [p, *_] as l, **r}] as whole:
            return x, y, z, w, p, l, r, whole is v
        case (x, y) | {"x": x, "y": y}:
            return x, y
        case _ if not v:
            return "falsy"
    return "fell through"


print(cap([1, (2, 3, 4), {"q": [5, 6], "e": 7}]), cap([1, 2]), cap({"x": 1, "y": 2}), cap(0), cap(1))


def side(v):
    log = []

    class Probe:
        def __eq__(self, o):
            log.append(("eq", o))
            return False

    match v:
        case [Color.RED, 1]:
            pass
        case [a, 2]:
            log.append(("partial binding kept", a))
        case [b, 3] if log.append(("guard", b)):
            pass
        case c:
            log.append(("capture", c))
    return log


print(side([9, 2]), side([9, 3]))


def seqlen(v):
    match v:
        case [_, _]:
            return 2
        case [_, _, _]:
            return 3
        case [_, *_]:
            return "1+"
        case [*_]:
            return 0
    return None


print([seqlen(x) for x in ([], [1], [1, 2], (1, 2, 3), [1] * 4, "abc", {}, 5)])


def loop(n):
    t = 0
    for i in range(n):
        match i % 5, i % 3:
            case 0, 0:
                t += 1
            case 0, k:
                t += k * 10
            case j, 0 | 1:
                t += j * 100
            case _:
                t += 1000
    return t


print(loop(600))
match (lambda: [1, 2])():
    case [a, b]:
        print(a, b)
match 1, 2:
    case a, b:
        print(a, b)
