# Binary operators that classes define in Python: which method is asked in which order, what happens when one does not
# know the operator, raises, or changes its class, and when operands die.
# contract: 1 2 4 5 7 8
# expect: traces>=1
import sys
import traceback

ROUNDS = 1500


class Number:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"{type(self).__name__}({self.value})"

    def __add__(self, other):
        if isinstance(other, Number):
            return type(self)(self.value + other.value)
        if isinstance(other, int):
            return type(self)(self.value + other)
        return NotImplemented

    def __radd__(self, other):
        return type(self)(other + self.value)

    def __sub__(self, other):
        return self.value - other.value

    def __mul__(self, other):
        return self

    def __rmul__(self, other):
        return other

    def __floordiv__(self, other):
        return None

    def __truediv__(self, other):
        return self.value / other.value

    def __and__(self, other):
        return other

    def __iadd__(self, other):
        self.value += getattr(other, "value", 1)
        return self

    def __ior__(self, other):
        if other is None:
            return NotImplemented
        return self.value | other


class Derived(Number):
    pass


class Overloaded(Number):
    def __radd__(self, other):
        return ("overloaded", self.value, other)


class Right:
    def __init__(self, value):
        self.value = value

    def __radd__(self, other):
        if isinstance(other, float):
            return NotImplemented
        return ("right", other if isinstance(other, int) else other.value, self.value)


class Lonely:
    pass


def add(a, b):
    return a + b


def drive(operate, pairs, rounds=ROUNDS):
    """Calls a function with the pairs in turn; the results that are new."""
    seen = {}
    for i in range(rounds):
        a, b = pairs[i % len(pairs)]
        try:
            result = operate(a, b)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        seen.setdefault(repr(result), i)
    return seen


n, d, o, r = Number(3), Derived(4), Overloaded(5), Right(6)
for pairs in [
    [(n, n)], [(n, 2)], [(n, True)], [(2, n)], [(2.5, n)], [(True, n)], [(n, d)], [(d, n)], [(n, o)], [(o, n)], [(o, o)],
    [(n, r)], [(r, n)], [(r, r)], [(r, 2)], [(2, r)], [(2.0, r)], [(n, "x")], [("x", n)], [([1], n)], [(n, None)],
    [(None, n)], [(Lonely(), n)], [(n, Lonely())], [(Lonely(), Lonely())], [(n, 1 << 80)], [(1 << 80, n)],
    [(n, n), (n, 2), (2, n), (n, o), (o, n), (n, "x"), (n, r), (2, r)],
]:
    print(pairs if len(pairs) == 1 else "many", drive(add, pairs))

for name, operate in {
    "-": lambda a, b: a - b, "*": lambda a, b: a * b, "//": lambda a, b: a // b, "/": lambda a, b: a / b,
    "&": lambda a, b: a & b, "|": lambda a, b: a | b, ">>": lambda a, b: a >> b, "@": lambda a, b: a @ b,
    "**": lambda a, b: a ** b, "<<": lambda a, b: a << b, "%": lambda a, b: a % b, "^": lambda a, b: a ^ b,
}.items():
    for pair in [(n, d), (n, 3), (3, n), (n, 2.5), (n, Number(0)), (print, n)]:
        print(name, pair if pair[0] is not print else "print", drive(operate, [pair], 60))


def in_place(a, b):
    a += b
    return a


def in_place_or(a, b):
    a |= b
    return a


print(drive(in_place, [(Number(1), Number(2)), (Number(1), None)], 40))
print(drive(in_place, [(r, 1), (n, r), (1, Number(2))], 40))
print(drive(in_place_or, [(n, 4), (n, None), (Derived(8), 7), (4, n)], 80))


# Operands and results die where they do without a compiler.

log = []


class Mortal:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)

    def __add__(self, other):
        log.append(f"{self.name}+{other.name}")
        return Mortal(f"({self.name}{other.name})")

    def __sub__(self, other):
        del self
        log.append("forgot left")
        if other.name == "z3":
            del other
            log.append("forgot right")
            raise ValueError("after all")
        return other

    def __mul__(self, other):
        return other if other.name < "m" else self


def deaths(i):
    log.append(f"begin {i}")
    Mortal("a") + Mortal("b")
    log.append("dropped")
    x = Mortal("c") + Mortal("d")
    log.append("kept")
    x = Mortal("e") - Mortal(f"z{i % 50}")
    log.append("other")
    x = x * Mortal("x") * Mortal("f")
    log.append("same")


def all_deaths():
    for i in range(150):
        try:
            deaths(i)
        except ValueError as error:
            log.append(str(error))


all_deaths()
for i in (0, 3, 60, 103, 149):
    at = log.index(f"begin {i}")
    print(log[at : at + 24])
print(len(log))


# Tracebacks, frames, and exceptions that the caller handles.


class Raises:
    def __init__(self, limit):
        self.limit = limit

    def __add__(self, other):
        if other.limit > self.limit:
            raise KeyError(
                self.limit
            )
        return self.deeper(other)

    def deeper(self, other):
        return sys._getframe(2).f_lineno, other.limit // (other.limit - 140)


def handled(rounds):
    a, results = Raises(180), []
    for i in range(rounds):
        try:
            results.append(
                a
                + Raises(i)
            )
        except KeyError as error:
            results.append(error.args)
        except ZeroDivisionError:
            if i < 200:
                traceback.print_exc(file=sys.stdout)
    return results[::23]


print(handled(178), handled(200))


def unhandled(rounds):
    a = Raises(rounds - 1)
    total = 0
    for i in range(200, 200 + rounds):
        total += (a + Raises(i - 200))[1]
    return total


for rounds in (100, 140, 160):
    try:
        print(unhandled(rounds))
    except ZeroDivisionError:
        traceback.print_exc(file=sys.stdout)


# Methods and classes change midway.


def changing(change, at=200):
    a, b = Number(1), Derived(2)
    results = []
    for i in range(ROUNDS):
        if i == at:
            change(a, b)
        result = a + b
        results.append(getattr(result, "value", result))
    return results[at - 1], results[at], results[-1]


def replace_add(a, b):
    Number.__add__ = lambda self, other: "replaced"


def replace_code(a, b):
    Number.__add__.__code__ = (lambda self, other: "other code").__code__


def overload(a, b):
    Derived.__radd__ = lambda self, other: "reflected first"


def change_class(a, b):
    a.__class__ = Right


def delete_add(a, b):
    del Number.__add__


original = Number.__add__
for change in (replace_add, replace_code, overload, change_class, delete_add):
    try:
        print(change.__name__, changing(change))
    except TypeError as error:
        print(change.__name__, error)
    if "__radd__" in Derived.__dict__:
        del Derived.__radd__
    Number.__add__ = original
    if change is replace_code:

        def __add__(self, other):
            return type(self)(self.value + other.value)

        original = Number.__add__ = __add__


class Fickle:
    """Changes, while its method runs, who is asked next."""

    turns = 0

    def __add__(self, other):
        Fickle.turns += 1
        if Fickle.turns == 150:
            type(other).__radd__ = lambda self, other: "late"
        if Fickle.turns == 160:
            del type(other).__radd__
        return NotImplemented


class Other:
    def __radd__(self, other):
        return "early"


print(drive(add, [(Fickle(), Other())], 200))


# Recursion, tracing, generators as operands.


class Deep:
    def __init__(self, depth):
        self.depth = depth

    def __add__(self, other):
        if self.depth == 0:
            return other
        return Deep(self.depth - 1) + (other + 1)


def deep():
    return [Deep(i % 7) + i for i in range(100)][::13]


print(deep())


class Endless:
    depth = 0

    def __sub__(self, other):
        Endless.depth += 1
        return self - other


for _ in range(3):
    Endless.depth = 0
    try:
        Endless() - 1
    except RecursionError as error:
        print(error, Endless.depth)


class Watched:
    def __init__(self, value):
        self.value = value

    def __add__(self, other):
        if self.value == 120:
            sys.settrace(tracer)
        if self.value == 122:
            sys.settrace(None)
        return self.value + other.value


events = []


def tracer(frame, event, arg):
    events.append((frame.f_code.co_name, event, frame.f_lineno - watched.__code__.co_firstlineno, arg))
    return tracer


def watched():
    total = 0
    for i in range(200):
        total += Watched(i) + Watched(1)
    return total


print(watched())
print(events)


class Lazy:
    def __init__(self, items):
        self.items = items

    def __or__(self, other):
        return sum(x * y for x, y in zip(self.items, other))

    def __and__(self, function):
        yield from map(function, self.items)


def pipeline():
    total = 0
    for i in range(200):
        total += Lazy((y for y in range(i % 5))) | (Lazy(range(4)) & abs)
    return total


print(pipeline())
