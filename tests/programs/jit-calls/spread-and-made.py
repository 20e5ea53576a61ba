# Calls with spread arguments, functions made in loops, class methods: values, errors, deaths, references.
# contract: 1 2 3 4 7
# expect: traces>=1
import gc
import sys
import tracemalloc


def show(*args, **kwargs):
    return len(args), sorted(kwargs), args[-1:] if args else None


def plain(a, b=2, *, c=3):
    return a, b, c


def spread(arguments, keywords, rounds):
    out = None
    for n in range(rounds):
        a, k = arguments[n % len(arguments)], keywords[n % len(keywords)]
        out = show(*a), show(n, *a), show(*a, n, **k), show(z=n, **k), [*a, *a], (*a, n), {**k}, {**k, "n": n}, {"n": n, **k}
    return out


LISTS = [[1, 2], (), (3,), [], range(3), {5: 6}, "ab", {7}, (x for x in ())]
DICTS = [{}, {"x": 1}, {"y": 2, "w": 3}]
print(spread([[1, 2]], [{"x": 1}], 2000))
for a in LISTS:
    print(spread([a], DICTS, 50))
print(spread(LISTS[:-1], DICTS, 3000))


def errors(function, rounds, *args, **kwargs):
    caught = 0
    for _ in range(rounds):
        try:
            function(*args, **kwargs)
        except TypeError as error:
            caught += 1
            last = error
    return caught, str(last), last.__traceback__.tb_next is None


def twice(k):
    return show(x=1, **k)


def many(k, l):
    return show(**k, **l)


def other(a):
    return show(0, *a)


print(errors(twice, 1500, {"x": 2}), errors(many, 300, {"a": 1}, {"a": 2}), errors(many, 300, {"a": 1}, {3: 2}))
print(errors(many, 300, {3: 1}, {}), errors(many, 300, 5, {}), errors(other, 300, 5), errors(plain, 300), errors(plain, 300, 1, 2, 3))


class Key(str):
    __hash__ = str.__hash__

    def __eq__(self, other):
        log.append("eq")
        return str.__eq__(self, other)


log = []


def keyed(rounds):
    for _ in range(rounds):
        merged = {**{Key("a"): 1, Key("b"): 2}, **{Key("a"): 3}}
    return len(merged), len(log)


print(keyed(500))


class Watched:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        log.append(self.n)


def passed(rounds):
    log.clear()
    for n in range(rounds):
        show(*[Watched(n)], n)
        log.append("after")
        show(**{"w": Watched(-n)})
        log.append("end")
    return log[:6], log[-4:]


print(passed(1500))


def closures(rounds):
    kept, total = [], 0
    for n in range(rounds):
        def add(x, y=n, *, z: int = 5) -> int:
            return x + y + z + n
        total += add(1) + add(1, 2, z=3)
        total += sum(x + n for x in (1, 2))
        total += (lambda: n)() + (lambda a=n: a)()
        total += [f(2) for f in (lambda x: x * n, abs)][0]
        if n % 500 == 0:
            kept.append(add)
    return total, [f(1) for f in kept], kept[0].__annotations__, kept[1].__kwdefaults__, kept[2].__defaults__, kept[0].__qualname__, kept[0].__module__


print(closures(2000))


def cells(rounds):
    made = []
    for n in range(rounds):
        value = n
        def get():
            return value
        def put(new):
            nonlocal value
            value = new
        put(get() + 1)
        if n % 700 == 0:
            made.append((get, put))
    return value, [get() for get, _ in made], made[0][0].__closure__[0] is made[0][1].__closure__[0]


print(cells(2000))
gc.collect()


def collected(rounds):
    starts = []
    gc.callbacks.append(lambda phase, info: starts.append(phase))
    kept = []
    for n in range(rounds):
        kept.append(lambda: n)
        if len(kept) > 2000:
            kept = []
    gc.callbacks.pop()
    return len(starts)


print(collected(10000))
tracemalloc.start()
made = [lambda: None for _ in range(1500)]
print(tracemalloc.get_object_traceback(made[-1]) is not None)
tracemalloc.stop()
namespace = {"__builtins__": {"range": range, "len": lambda x: 42, "print": print}, "__name__": "odd"}
exec("""
def make(rounds):
    for n in range(rounds):
        f = lambda x: len(x)
        r = f([n])
    return r, f.__module__, f.__builtins__ is __builtins__
print(make(1500))
""", namespace)


class Shape:
    made = 0

    @classmethod
    def create(cls, *sizes):
        cls.made += 1
        return cls.__name__, sizes

    @classmethod
    def name(cls, suffix=""):
        return cls.__name__ + suffix

    @staticmethod
    def area(a, b):
        return a * b

    builtin = classmethod(len)

    def instance(self):
        return self.name("?")


class Square(Shape):
    made = 0


class Meta(type):
    @classmethod
    def name(cls, suffix=""):
        return "meta" + suffix


class OfMeta(metaclass=Meta):
    pass


def classes(owners, rounds):
    seen = {}
    for n in range(rounds):
        owner = owners[n % len(owners)]
        name = owner.name()
        seen[name] = seen.get(name, 0) + len(owner.name("!")) + len(owner.name(suffix="??"))
    return seen


print(classes([Shape], 2000), classes([Square()], 2000), classes([Shape, Square, Shape(), Square(), OfMeta], 2000))
print([Square.create(n, n) for n in range(1500)][-1], Square.made, Shape.made)
print([Square().instance() for n in range(1500)][-1])


def changes(owner, rounds):
    seen = []
    for n in range(rounds):
        value = owner.name()
        if not seen or seen[-1] != value:
            seen.append(value)
        if n == rounds // 4:
            Shape.name = classmethod(lambda cls: "second")
        if n == rounds // 2:
            Shape.name = lambda self=None: "third"
        if n == 3 * rounds // 4:
            Shape.name = staticmethod(lambda: "fourth")
    return seen


original = vars(Shape)["name"]
print(changes(Square, 3000))
Shape.name = original
print(changes(Square(), 3000))
Shape.name = original
method = vars(Shape)["name"]


def reinitialised(rounds):
    seen = set()
    for n in range(rounds):
        seen.add(Shape.name())
        if n == rounds // 2:
            method.__init__(lambda cls: "new")
    return sorted(seen)


print(reinitialised(3000))
hidden = Shape()
hidden.name = lambda: "hidden"
print(classes([hidden], 1) if False else hidden.name(), sys.getrefcount(Shape.area))


def temporary(rounds):
    out = []
    for n in range(rounds):
        out.append(Square().name())
        out.append(type("T", (Shape,), {})().name()) if n % 200 == 0 else None
    return len(out), sorted(set(out))


print(temporary(1500))


def where():
    return sys._getframe(1).f_lineno - temporary.__code__.co_firstlineno, sys._getframe(1).f_code.co_name


class Framed:
    @classmethod
    def here(cls):
        return where()


print({Framed.here() for _ in range(1500)})
