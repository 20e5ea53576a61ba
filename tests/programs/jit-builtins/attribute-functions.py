# getattr, hasattr, issubclass and id in hot loops, fields of named tuples, and what changes under them.
# contract: 1 2 3 7
# expect: traces>=1
import collections
import collections.abc
import sys


class Base:
    shared = "class"
    hits = 0

    def method(self):
        return "method"

    @property
    def computed(self):
        Base.hits += 1
        return Base.hits

    @staticmethod
    def static():
        return "static"

    @classmethod
    def of_class(cls):
        return cls.__name__


class Slotted:
    __slots__ = ("x", "y")


class Asks:
    log = []

    def __getattr__(self, name):
        Asks.log.append(name)
        if name == "missing":
            raise AttributeError(name)
        return name * 2


class Meta(type):
    def __getattr__(cls, name):
        return f"meta {name}"

    of_meta = 5


class OfMeta(metaclass=Meta):
    pass


def ask(objects, rounds):
    out = []
    for n in range(rounds):
        object = objects[n % len(objects)]
        out.append(getattr(object, "x", None))
        out.append(getattr(object, "missing", n))
        out.append(hasattr(object, "x"))
        out.append(hasattr(object, "missing"))
        out.append(getattr(object, "shared", "none"))
        method = getattr(object, "method", None)
        out.append(type(method).__name__)
        out.append(str(getattr(object, "computed", 0))[:8])
        static = getattr(object, "static", None)
        out.append(callable(static) and static())
        of_class = getattr(object, "of_class", None)
        out.append(callable(of_class) and of_class())
        out.append(hasattr(object, "__len__"))
    return out


def with_x(class_, x):
    object = class_()
    object.x = x
    return object


slotted = Slotted()
slotted.x = 1
several = [with_x(Base, 1), Base(), slotted, Slotted(), 5, 2.5, "text", None, [1], {"x": 1}, Base, OfMeta, int, sys, print]
for object in several:
    result = ask([object], 1500)
    print(type(object).__name__, result[:10], result[-10:-6], result[-4:])
Base.hits = 0
result = ask(several, 3000)
print(len(result), Base.hits, sum(map(bool, result)))
result = ask([Asks()], 5)
print(result[:10], len(Asks.log))


def missing(object, rounds):
    errors = 0
    for n in range(rounds):
        try:
            getattr(object, "missing")
        except AttributeError as error:
            errors += 1
            last = error
    return errors, str(last), last.name, last.obj is object


print(missing(Base(), 1500), missing(Base, 100), missing(3, 100))


def changing(object, rounds):
    seen = []
    for n in range(rounds):
        value = getattr(object, "late", "default")
        if not seen or seen[-1] != value:
            seen.append(value)
        if n == rounds // 4:
            object.late = "instance"
        if n == rounds // 2:
            del object.late
            Base.late = "class"
        if n == rounds * 3 // 4:
            Base.late = property(lambda self: "computed")
    del Base.late
    return seen


print(changing(Base(), 4000))
empty = Base()
print(changing(empty, 200), vars(empty))


def has_changing(object, rounds):
    counts = collections.Counter()
    for n in range(rounds):
        counts[hasattr(object, "other")] += 1
        if n == rounds // 3:
            vars(object)["other"] = 1
        if n == rounds // 2:
            Base.__getattribute__ = lambda self, name: 1 / 0
            break
    try:
        hasattr(object, "other")
    except ZeroDivisionError:
        counts["raised"] += 1
    del Base.__getattribute__
    return sorted(counts.items(), key=str)


print(has_changing(Base(), 3000))


def subclasses(pairs, rounds):
    found = 0
    for n in range(rounds):
        class_, of = pairs[n % len(pairs)]
        found += issubclass(class_, of)
    return found


class Derived(Base, dict):
    pass


class Says(type):
    def __subclasscheck__(cls, other):
        return True


class Everything(metaclass=Says):
    pass


print(subclasses([(bool, int)], 3000), subclasses([(int, str), (dict, dict), (Derived, dict), (Derived, Base)], 3000))
print(subclasses([(int, (str, int)), (list, ()), (Everything, Base), (Base, Everything), (int, collections.abc.Hashable)], 3000))
try:
    print(subclasses([(bool, int)] * 50 + [(3, int)], 60))
except TypeError as error:
    print(error)


def moved(rounds):
    class A:
        pass

    class B:
        pass

    class C(A):
        pass

    found = 0
    for n in range(rounds):
        found += issubclass(C, B)
        if n == rounds // 2:
            C.__bases__ = (B,)
    return found


print(moved(3000))


def ids(objects, rounds):
    same = 0
    for n in range(rounds):
        a, b = objects[n % len(objects)], objects[n % len(objects)]
        same += id(a) == id(b)
        number = n + 10**6
        other = number
        same += id(number) == id(other)
        same += id(True) == id(n >= 0)
        same += id(1.5 + n) == id(None)
    return same


print(ids([None, "a", 10**9, 1.25, [], Base], 3000), id(Base) == id(several[10]))


Point = collections.namedtuple("Point", "x y z", defaults=(0,))


class Named(Point):
    __slots__ = ()

    @property
    def total(self):
        return self.x + self.y + self.z


class Loose(Point):
    pass


def fields(points, rounds):
    total = 0
    for n in range(rounds):
        point = points[n % len(points)]
        total += point.x + point.y * 2 - point.z + point[0] - point[-1] + len(point)
        x, y, z = point
        total += x - z
        for item in point:
            total += item
        if 3 in point:
            total += 1
        if point:
            total += 1
    return total


print(fields([Point(1, 2, 3)], 3000), fields([Named(1, 2), Loose(4, 5, 6), Point(3, 3, 3)], 3000))
short = tuple.__new__(Point, (1, 2))
for object in (short, Loose(1, 2)):
    try:
        print(fields([Point(1, 2, 3)] * 100 + [object], 101))
    except Exception as error:
        print(type(error).__name__, error)
try:
    def store(point, rounds):
        for n in range(rounds):
            point.x = n
    store(Point(1, 2), 10)
except AttributeError as error:
    print(error)
loose = Loose(1, 2, 3)
loose.x_ = 1
vars(loose)["x"] = "hidden"
print(loose.x, fields([loose], 100))
Named.x = 7
print(fields([Named(1, 2)], 2000))
