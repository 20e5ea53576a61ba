# Functions that wrap others: *args and **kwargs as parameters, and spread in calls.
# contract: 1, 2, 3, 4, 7, 8
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# env: PYRT_JIT_ENTRY_THRESHOLD=10
# expect: traces>=8
import functools
import gc
import sys
import traceback


def passes_on(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def counted(function):
    def wrapper(*args):
        wrapper.calls += 1
        return function(*args)

    wrapper.calls = 0
    return wrapper


@passes_on
def add(a, b=10):
    return a + b


@counted
@passes_on
def triple(a, b, c):
    return a, b, c


def wrapped(rounds):
    total = 0
    for n in range(rounds):
        total += add(n) + add(n, 1) + triple(n, 1, 2)[0]
    return total, triple.calls


class Shape:
    def __init__(self, *sides, **names):
        self.sides = sides
        self.names = names

    def scaled(self, *by):
        return sum(s * b for s, b in zip(self.sides, by))

    def both(self, first, *rest, last=5):
        return first, rest, last

    @passes_on
    def decorated(self, x):
        return len(self.sides) + x


class Square(Shape):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, *args, **kwargs)


def methods(rounds):
    found = []
    for n in range(rounds):
        s = Shape(n, n + 1)
        m = s.both
        t = (n, 2, 3) if n % 13 else (n,)
        found.append((s.scaled(2, 3), m(*t), s.both(*t[:1], 8), s.decorated(n), Square(n).sides))
    return found[-16:]


def identities(rounds):
    """Each call has a tuple and a dict of its own."""

    def rest(*args, **kwargs):
        return args, kwargs

    seen = set()
    empty = []
    for n in range(rounds):
        given = (n, n)
        args, kwargs = rest(*given)
        again, others = rest()
        seen.add((args is given, again is args, again == (), kwargs is others))
        kwargs["n"] = n
        empty.append(len(others))
    return seen, sum(empty)


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        died.append(self.n)


died = []


def drops(*args):
    args = None
    died.append("dropped")


def deaths(rounds):
    for n in range(rounds):
        drops(Noisy(n), Noisy(-n))
        drops(*[Noisy(n)])
        died.append("round")


def fails(a, *rest):
    if a % 7 == 6:
        raise ValueError(rest)
    return a


def raises(rounds):
    found = []
    for n in range(rounds):
        args = (n, n + 1) if n % 5 else ()
        try:
            found.append(fails(*args, **{}))
        except (ValueError, TypeError) as error:
            found.append(traceback.format_exception(error)[-2:])
    return found


def names(rounds):
    """Names in the dict, other tuples and other functions where there were none."""
    found = []
    functions = [add, add.__wrapped__, max, Shape(1, 2, 3).both]
    for n in range(rounds):
        kwargs = {"b": n} if n % 17 == 16 else {}
        f = functions[1 if n < 40 else n % 2]
        found.append(f(*(n,), **kwargs))
        if n % 19 == 18:
            found.append(functions[2](*(n, 5)))
            found.append(functions[3](*(n, 5, 7, 8, 9, 10, 11)))
    return found


def depth(n, *args):
    if n == 0:
        return sys._getframe(3).f_locals["args"], sys.getrefcount(args)
    return depth(n - 1, *args)


def frames(rounds):
    return {depth(5, "a", (1, 2)) for _ in range(rounds)}


def limit(*args):
    return 1 + limit(*args)


def recursion():
    for _ in range(3):
        try:
            limit(1, 2)
        except RecursionError as error:
            found = str(error), len(traceback.extract_tb(error.__traceback__))
    return found


class Kept(Exception):
    def __init__(self, *args, **names):
        kept.append((args, names))


class Part:
    def __init__(self, *args, **names):
        kept.append((args, names))


kept = []


def leaves_nothing(make, rounds):
    """What is made for a call is given up where the collector is due before there is a call."""
    shared = object()
    before = sys.getrefcount(shared)
    for n in range(rounds):
        if n % 100 == 0:
            gc.set_threshold(3 + n // 100)
        kept.append(make(shared, n))
    gc.set_threshold(700)
    kept.clear()
    return sys.getrefcount(shared) - before


def keep(*args, **names):
    kept.append((args, names))


print(wrapped(100))
print(methods(60))
print(identities(60))
deaths(40)
print(died)
print(raises(60))
print(names(100))
print(frames(60))
print(recursion())
print([leaves_nothing(make, 2000) for make in (Kept, Part, keep)])
