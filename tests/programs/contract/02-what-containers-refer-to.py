# The collector comes to every reference of every kind of container, in CPython's order, and leaves those alone that
# are reached from outside.
# contract: 2

import gc
import types
import weakref

gc.disable()


class Plain:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)

    def method(self):
        return self


class Attributes:
    def __init__(self, first, second):
        self.first = first
        self.second = second


class Slots:
    __slots__ = ("one", "two", "__weakref__")


class List(list):
    pass


class Tuple(tuple):
    pass


class Dict(dict):
    pass


def outer(value):
    def inner(first=value, *, second=[value]):
        """Documented."""
        return value

    return inner


def name(thing):
    if isinstance(thing, (str, int, type(None))):
        return repr(thing)
    return type(thing).__name__


def referents(container):
    print(name(container), [name(thing) for thing in gc.get_referents(container)])


def show_referents():
    referents([1, "a", None, []])
    referents((1, "a", None, []))
    referents({"a": 1, "b": []})
    referents({1: "one", (): [], "a": None})
    general = {1: "one", 2: "two", 3: "three"}
    del general[2]
    referents(general)
    plain = Attributes("x", ["y"])
    referents(plain)
    print([name(thing) for thing in gc.get_referents(plain.__dict__)])
    referents(plain)
    function = outer("captured")
    function.attribute = 1
    print([name(thing) for thing in gc.get_referents(function) if thing is not globals()])
    referents(Plain().method)
    referents(function.__closure__[0])
    referents(types.CellType())
    referents(List([1, "a"]))
    referents(Tuple([1, "a"]))
    referents(Dict(a=1))
    slots = Slots()
    slots.two = "two"
    referents(slots)
    print(gc.is_tracked(()), gc.is_tracked((1,)), gc.is_tracked({}), gc.is_tracked({1: []}))


def cycles():
    """Each has a cycle through another kind of container."""

    def through_list(thing):
        thing.to = [0, thing]

    def through_tuple(thing):
        thing.to = (0, (thing, 1))

    def through_dict(thing):
        thing.to = {"a": 0, "b": thing}

    def through_general_dict(thing):
        thing.to = {0: 1, 2: thing}

    def through_key(thing):
        thing.to = {thing: 1}

    def through_split_dict(thing):
        thing.to = Attributes(0, thing)
        thing.to.__dict__

    def through_attributes(thing):
        thing.to = Attributes(thing, 0)

    def through_function(thing):
        thing.to = lambda: thing

    def through_default(thing):
        thing.to = lambda argument=thing: argument

    def through_keyword_default(thing):
        def function(*, argument=thing):
            return argument

        thing.to = function

    def through_attribute_of_function(thing):
        thing.to = lambda: 0
        thing.to.thing = thing

    def through_annotation(thing):
        def function(argument: thing):
            return argument

        thing.to = function

    def through_method(thing):
        thing.to = thing.method

    def through_cell(thing):
        thing.to = types.CellType(thing)

    def through_slots(thing):
        thing.to = Slots()
        thing.to.one = thing

    def through_subclass(thing):
        thing.to = List([Tuple([Dict(a=thing)])])

    def through_class(thing):
        thing.to = type("Made", (), {"thing": thing})

    return [value for key, value in locals().items() if key.startswith("through")]


def collect(young):
    for link in cycles():
        kept, gone = Plain(name="kept"), Plain(name="gone")
        for thing in (kept, gone):
            link(thing)
        deaths = []
        references = [weakref.ref(thing, lambda _: deaths.append(1)) for thing in (kept, gone)]
        del gone, thing
        found = gc.collect(0) if young else gc.collect()
        print(link.__name__, found, len(deaths), references[0]() is kept, references[1]())
        before = len(gc.get_referents(kept.to))
        del kept
        gc.collect()
        print(before, len(deaths), references[0]())


def held_from_outside():
    """What is found reachable only late, after what it refers to, is moved back."""
    chain = last = [None]
    for _ in range(1000):
        last.append(({"next": [None]},))
        last = last[-1][0]["next"]
    gc.collect(0)
    length = 0
    while len(chain) > 1:
        chain = chain[-1][0]["next"]
        length += 1
    print(length)
    inner = [[] for _ in range(1000)]
    outer = [inner[::-1], tuple(inner), {str(at): it for at, it in enumerate(inner)}]
    del inner
    print(gc.collect(), len(outer[0]), all(gc.is_tracked(it) for it in outer[1]))


gc.collect()
for _ in range(3):
    show_referents()
for young in (True, False):
    for _ in range(2):
        collect(young)
held_from_outside()
gc.enable()
made = 0
for number in range(30000):
    ring = Attributes(number, None)
    ring.second = (ring, [ring], {"ring": ring})
    made += 1
print(made, gc.collect() < 5000)
