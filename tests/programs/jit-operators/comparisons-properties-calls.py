# Comparisons, properties and calls of instances that classes define in Python.
# contract: 1 2 4 5 7 8
# expect: traces>=1
import sys
import traceback

ROUNDS = 240


def drive(operate, cases, rounds=ROUNDS):
    """Calls a function with the cases in turn; the results that are new."""
    seen = {}
    for i in range(rounds):
        try:
            result = operate(*cases[i % len(cases)])
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        seen.setdefault(repr(result), i)
    return seen


# Comparisons.


class Key:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"{type(self).__name__}({self.value})"

    def __lt__(self, other):
        if isinstance(other, Key):
            return self.value < other.value
        return NotImplemented

    def __eq__(self, other):
        return isinstance(other, Key) and self.value == other.value

    def __ge__(self, other):
        return [self.value, other]


class Subkey(Key):
    def __gt__(self, other):
        return "asked first"


class Partner:
    def __gt__(self, other):
        return ("partner", other.value)

    def __eq__(self, other):
        return NotImplemented


OPERATORS = {
    "<": lambda a, b: a < b, "<=": lambda a, b: a <= b, "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b, ">": lambda a, b: a > b, ">=": lambda a, b: a >= b,
}
k, s, partner = Key(3), Subkey(4), Partner()
for name, operate in OPERATORS.items():
    for case in [(k, k), (k, s), (s, k), (k, 3), (3, k), (k, None), (None, k)]:
        print(name, case, drive(operate, [case], 40))
    for case in [(k, partner), (partner, k), (partner, partner)]:
        print(name, drive(operate, [case], 40).values())


def smallest(keys):
    least = keys[0]
    for key in keys:
        if key < least:
            least = key
        elif key == least:
            pass
        elif not key == least:
            continue
    return least


for step in (7, 11, 13):
    print(smallest([Key(i * step % 1301) for i in range(3000)]))


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(f"del {self.name}")

    def __lt__(self, other):
        log.append(f"{self.name}<{other.name}")
        if other.name == "6":
            del self, other
            log.append("forgot")
            raise LookupError("six")
        return other

    def __call__(self, *, first=None, other=None):
        log.append(f"call {self.name}")
        if first is not None and first.name == "8":
            del self, first, other
            log.append("forgot")
            raise LookupError("eight")
        return first

    @property
    def twin(self):
        log.append(f"twin of {self.name}")
        return Loud(self.name + "'")


log = []


def loud(i):
    log.append("begin")
    Loud("a") < Loud(str(i % 10))
    log.append("compared")
    Loud("b")(other=Loud("c"), first=Loud(str(i % 10)))
    log.append("called")
    Loud("d").twin.twin
    log.append("end")


def louder():
    for i in range(160):
        try:
            loud(i)
        except LookupError as error:
            log.append(str(error))


louder()
for first in (0, 300, 2000):
    print(log[first : first + 60])
print(len(log))


# Properties.


class Point:
    def __init__(self, x, y):
        self._x, self._y = x, y

    @property
    def x(self):
        return self._x

    @property
    def norm(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    y = property(lambda self: self._y)

    @x.setter
    def x(self, value):
        self._x = value

    @property
    def broken(self):
        return self._missing

    @property
    def named(self):
        raise AttributeError("mine", name="a name", obj=None)

    @property
    def unnamed(self):
        raise AttributeError("mine")

    @property
    def odd(self):
        raise Odd("odd")


class Odd(AttributeError):
    def __setattr__(self, name, value):
        if name == "obj":
            raise RuntimeError("no obj")
        super().__setattr__(name, value)


class Fallback(Point):
    def __getattr__(self, name):
        return f"instead of {name}"


def path(points):
    total = 0.0
    for point in points:
        point.x = point.x + 1
        total += point.norm + point.x * point.y
    return round(total, 6)


for rounds in range(3):
    print(path([Point(i % 17, i % 5) for i in range(1500)]))


def attribute_errors(point, rounds=150):
    found = set()
    for i in range(rounds):
        for read in (lambda p: p.broken, lambda p: p.named, lambda p: p.unnamed, lambda p: p.odd):
            try:
                found.add(repr(read(point)))
            except AttributeError as error:
                found.add((str(error), error.name, type(error.obj).__name__))
            except RuntimeError as error:
                found.add((str(error), type(error.__context__).__name__))
    return sorted(found, key=repr)


print(attribute_errors(Point(1, 2)))
print(attribute_errors(Fallback(1, 2)))


def all_broken(rounds):
    point, total = Point(1, 2), 0
    for i in range(rounds):
        if i == rounds - 1:
            del point._x
        total += point.x
    return total


try:
    all_broken(200)
except AttributeError:
    traceback.print_exc(file=sys.stdout)


def changing(change, at=150):
    point, results = Point(3, 4), []
    for i in range(220):
        if i == at:
            change(point)
        results.append(point.x)
    return results[at - 1], results[at], results[-1]


kept = Point.x


def new_property(point):
    Point.x = property(lambda self: "new property")


def initialised_again(point):
    kept.__init__(lambda self: "initialised again")


def new_code(point):
    Point.x.fget.__code__ = (lambda self: "new code").__code__


def plain_attribute(point):
    del Point.x
    point.x = "plain"


class Derived(Point):
    x = property(lambda self: "derived")


def other_class(point):
    point.__class__ = Derived


for change in (other_class, new_property, plain_attribute, initialised_again, new_code):
    print(change.__name__, changing(change))
    Point.x = kept


# Calls of instances.


class Scale:
    def __init__(self, factor):
        self.factor = factor

    def __call__(self, value, offset=1, *, sign=1):
        if value > 400:
            raise OverflowError(value)
        return sign * value * self.factor + offset


class Nested(Scale):
    def __call__(self, *values):
        return sum(values)


def calls(f, rounds=1500, top=300):
    total = 0
    for i in range(rounds):
        total += f(i % 300)
        total += f(i % 7, 2)
        total += f(i % 9, sign=-2)
        total += f(offset=i, value=3)
        try:
            total += f(i * top // rounds)
            total += f()
        except (OverflowError, TypeError) as error:
            if i == rounds - 1:
                print(error)
    return total


for f in (Scale(2), Scale(2.5), lambda value, offset=1, *, sign=1: value + offset, Scale(-1)):
    print(calls(f), calls(f, top=500))


def variable(f, rounds=150):
    return sum(f(i, i + 1) for i in range(rounds)) + sum(f(i) for i in range(rounds))


print(variable(Nested(1)))

functions = [Scale(i) for i in range(4)] + [abs, Nested(2)]
total = 0
for i in range(600):
    total += functions[i % len(functions)](i % 300)
print(total)


def reset(f):
    results = []
    for i in range(200):
        if i == 150:
            Scale.__call__ = lambda self, value: "reset"
        results.append(f(i))
    return results[149:151]


original = Scale.__call__
print(reset(Scale(3)))
Scale.__call__ = original


# Recursion and tracing.


class Endless:
    depth = 0

    def __call__(self, n):
        Endless.depth += 1
        return self(n + 1)

    def __le__(self, other):
        Endless.depth += 1
        return self <= other

    @property
    def deeper(self):
        Endless.depth += 1
        return self.deeper


for endless in (lambda e: e(0), lambda e: e <= e, lambda e: e.deeper) * 2:
    Endless.depth = 0
    try:
        endless(Endless())
    except RecursionError as error:
        print(error, Endless.depth)

events = []


def tracer(frame, event, arg):
    code = frame.f_code
    events.append((code.co_name, event, frame.f_lineno - code.co_firstlineno, repr(arg)[:40]))
    return tracer


class Watched:
    def __init__(self, value):
        self.value = value

    def __gt__(self, other):
        if self.value == 100:
            sys.settrace(tracer)
        return self.value > other.value

    @property
    def double(self):
        if self.value == 102:
            sys.settrace(None)
        return self.value * 2

    def __call__(self):
        return sys._getframe(1).f_lineno + self.value


def watched():
    total = 0
    for i in range(140):
        w = Watched(i)
        total += (w > Watched(3)) + w.double + w()
    return total


print(watched() - 140 * watched.__code__.co_firstlineno)
print(events)
