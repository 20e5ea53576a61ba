# Unary operators, items, membership, length, truth and iteration that classes define in Python.
# contract: 1 2 3 4 5 7 8
# expect: traces>=1
import sys
import traceback

log = []


class Everything:
    def __init__(self, value):
        self.value = value

    def __repr__(self):
        return f"Everything({self.value!r})"

    def __neg__(self):
        return -self.value

    def __pos__(self):
        return self

    def __invert__(self):
        if self.value > 900:
            raise OverflowError(self.value)
        return Everything(~self.value)

    def __setitem__(self, key, value):
        self.value = key + value
        return Everything("dropped")

    def __contains__(self, item):
        return item < self.value if item % 3 else self.value and item

    def __len__(self):
        return self.value

    def __bool__(self):
        return self.value > 1


def drive(f, values, rounds=60):
    seen = {}
    for i in range(rounds):
        x = Everything(values[i % len(values)])
        try:
            result = f(x, i % 7)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        seen.setdefault(repr(result), i)
    return seen


def store(x, i):
    x[i] = 4
    x[i] = x[i] = i if i else 5
    return x


def conditions(x, i):
    found = []
    if x:
        found.append("if")
    if not x:
        found.append("if not")
    found.append(not x)
    found.append(x and i)
    found.append(x or i)
    found.append(1 if x else 2)
    while x:
        found.append("while")
        break
    return found


for name, f in {
    "-": lambda x, i: -x, "+": lambda x, i: +x, "~": lambda x, i: ~x, "store": store,
    "in": lambda x, i: (i in x, i not in x), "len": lambda x, i: len(x), "truth": conditions,
    "chain": lambda x, i: -(~(+x)), "not in": lambda x, i: [1, 2][i not in x],
}.items():
    for values in ([3], [2, 950, 1, -1], [2.5], ["x"], [True, False], [1 << 70], [5, None, 3]):
        print(name, values, drive(f, values))


class Wrong:
    def __len__(self):
        return Wrong.length

    def __bool__(self):
        return Wrong.truth

    def __contains__(self, item):
        return Wrong.truth


class Int(int):
    def __index__(self):
        return 7


class Falsy:
    def __bool__(self):
        log.append("asked")
        return False


def wrong(kind, values, rounds=120):
    w, seen = Wrong(), {}
    for i in range(rounds):
        value = values[i * len(values) // rounds]
        Wrong.length = Wrong.truth = value
        try:
            if kind == "len":
                result = type(len(w)).__name__, len(w)
            elif kind == "bool":
                result = "yes" if w else "no"
            else:
                result = i in w, i not in w
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        seen.setdefault(repr(result), i)
    return seen


for kind in ("len", "bool", "in"):
    for values in ([3, -3], [3, "3"], [1, True], [3, Int(5), 3], [3, 1 << 80], [True, 1, False, 0], [True, None], [True, Falsy()]):
        print(kind, wrong(kind, values))
print(len(log))


# Iteration.


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration(self.n)
        if self.n == 13 and Countdown.unlucky:
            raise ArithmeticError(self.n)
        return self.n

    def __del__(self):
        log.append("gone")


class Doubling(Countdown):
    def __next__(self):
        return super().__next__() * 2


def iterate(make, count, rounds=60):
    total = 0
    for i in range(rounds):
        for x in make(count + i):
            total += x
            if x == 40:
                continue
        log.append("after")
        for x in make(3):
            total += x
        else:
            total += 1000
    return total


def search(make, wanted):
    for x in make(1000):
        if x == wanted:
            return x
    return None


Countdown.unlucky = False
print(iterate(Countdown, 5), iterate(Doubling, 12), iterate(Countdown, 120), search(Countdown, 500), search(Doubling, 1))
print(log.count("gone"), log[-5:])
Countdown.unlucky = True
for make in (Countdown, Doubling):
    for count in (3, 40):
        try:
            print(iterate(make, count, 12))
        except ArithmeticError:
            traceback.print_exc(file=sys.stdout)


def unpack(rounds=150):
    total = 0
    for i in range(rounds):
        a, b, *c = Countdown(5)
        total += a * b + sum(c) + max(Countdown(4))
    return total


print(unpack())


class Inner:
    """An iterator whose method ends for another reason."""

    def __init__(self, items):
        self.items = iter(items)

    def __iter__(self):
        return self

    def __next__(self):
        return next(self.items)


def nested():
    total = 0
    for i in range(100):
        for x in Inner(range(i % 9)):
            try:
                for y in Inner([x, i]):
                    total += y
                    if y == 50:
                        raise StopIteration
            except StopIteration:
                total += 10000
    return total


print(nested())


# Deaths, counts and tracing.


class Mortal:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)

    def __neg__(self):
        return Mortal("-" + self.name)

    def __setitem__(self, key, value):
        log.append(f"{self.name}[{key.name}]={value.name}")
        if value.name == "7":
            del self, key, value
            log.append("forgot")
            raise KeyError("seven")
        return Mortal("result")

    def __contains__(self, item):
        return Mortal("answer") if item.name > "4" else []

    def __bool__(self):
        log.append("truth")
        if self.name == "9":
            del self
            raise ValueError("nine")
        return self.name > "3"

    def __len__(self):
        return int(self.name)


def mortal(i):
    name = str(i % 10)
    Mortal("k")[Mortal("l")] = Mortal(name)
    log.append("stored")
    log.append(Mortal(name) in Mortal("m"))
    log.append(len(Mortal(name)))
    -Mortal(name)
    log.append("negated")
    if Mortal(name):
        log.append("true")
    if not Mortal("2"):
        log.append(not Mortal(name))


def mortals():
    for i in range(150):
        try:
            mortal(i)
        except (KeyError, ValueError) as error:
            log.append(str(error))


log.clear()
mortals()
print(log[:90])
print(log[1500:1590])
print(len(log))


class Counted:
    def __neg__(self):
        return sys.getrefcount(self)

    def __add__(self, other):
        return sys.getrefcount(self), sys.getrefcount(other)

    __radd__ = __iadd__ = __lt__ = __add__

    def __len__(self):
        return sys.getrefcount(self)

    @property
    def count(self):
        return sys.getrefcount(self)


def counts():
    seen = set()
    for i in range(150):
        c, d = Counted(), Counted()
        seen |= {-c, c + d, c + c, 1 + c, c < c, len(c), c.count, Counted() + Counted(), -Counted()}
        d += c
        seen.add(d)
    return sorted(map(str, seen))


print(counts())

events = []


def tracer(frame, event, arg):
    code = frame.f_code
    events.append((code.co_name, event, frame.f_lineno - code.co_firstlineno))
    return tracer


class Watched:
    def __init__(self, value):
        self.value = value

    def __bool__(self):
        if self.value == 90:
            sys.settrace(tracer)
        return self.value % 2 == 0

    def __next__(self):
        self.value += 1
        if self.value == 96:
            sys.settrace(None)
        if self.value > 97:
            raise StopIteration
        return self.value

    def __iter__(self):
        return self


def watched():
    total = 0
    for i in range(100):
        if Watched(i):
            total += 1
        if not Watched(i):
            total += 1
        for j in Watched(90):
            total += j
    return total


print(watched())
print(events)
