"""Attributes of objects whose class has a `__getattr__`: found, missing, computed, and classes that change meanwhile."""

import enum


class Colour(enum.Enum):
    RED = 1
    GREEN = 2

    @property
    def doubled(self):
        return self.value * 2

    @classmethod
    def first(cls):
        return cls.RED


class Meta(type):
    asked = []

    def __getattr__(cls, name):
        Meta.asked.append((cls.__name__, name))
        if name.startswith("lazy"):
            return name.upper()
        raise AttributeError(f"{cls.__name__} has no {name}")


class Base(metaclass=Meta):
    here = 10


class Derived(Base):
    pass


class Lazy:
    def __init__(self):
        self.set = 1

    def __getattr__(self, name):
        if name == "computed":
            return self.set * 100
        raise AttributeError(name)

    def method(self):
        return self.set + 1


def members(n):
    total = 0
    for i in range(n):
        member = Colour.RED if i % 3 else Colour.GREEN
        total += member.value + member.doubled + (Colour.first() is Colour.RED)
    return total


def of_classes(n, change):
    seen = []
    for i in range(n):
        if i == n // 2:
            change()
        seen.append((Base.here, Derived.here, Derived.lazy_one))
    return seen[0], seen[-1], len(seen)


def of_instances(n):
    lazy, total, missing = Lazy(), 0, 0
    for i in range(n):
        total += lazy.set + lazy.computed + lazy.method()
        if i % 100 == 0:
            try:
                lazy.nothing
            except AttributeError as error:
                missing += len(str(error))
        if i == n // 2:
            lazy.computed = 7
        elif i == n // 2 + 200:
            del lazy.computed
    return total, missing


def failing(n):
    caught = []
    for i in range(n):
        try:
            Derived.wrong if i % 2 else Colour.BLUE
        except AttributeError as error:
            caught.append((str(error), getattr(error, "name", None), error.__traceback__.tb_lineno))
    return sorted(set(caught), key=str), len(caught)


def recursive_meta():
    class Endless(type):
        def __getattr__(cls, name):
            return getattr(cls, name + "x")

    class Deep(metaclass=Endless):
        pass

    try:
        Deep.a
    except RecursionError as error:
        return type(error).__name__
    return None


print(members(3000))
print(of_classes(3000, lambda: setattr(Base, "here", 11)))
print(of_classes(3000, lambda: setattr(Base, "lazy_one", 12)))
del Base.lazy_one
print(of_classes(3000, lambda: setattr(Meta, "here", property(lambda cls: "by the metaclass"))))
del Meta.here
print(of_classes(3000, lambda: setattr(Meta, "__getattr__", lambda cls, name: ("other", name))))
print(of_classes(3000, lambda: setattr(Meta, "__getattribute__", lambda cls, name: ("all", name))))
del Meta.__getattribute__
print(of_classes(3000, lambda: delattr(Meta, "__getattribute__") if "__getattribute__" in vars(Meta) else None))
print(len(Meta.asked))
print(of_instances(3000))
Meta.__getattr__ = lambda cls, name: (_ for _ in ()).throw(AttributeError("gone", name=name))
print(failing(1000))
del Meta.__getattr__
print(failing(1000))
print(recursive_meta())
