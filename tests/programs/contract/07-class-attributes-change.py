"""Contract 7: attributes of classes, read from the class and from instances, are looked at again when anything changes
that decides about them: the class, a base, its metaclass, the instance, or the class of the attribute."""

import enum
import gc


def report(label, values):
    print(label, [repr(value) for value in values])


class Base:
    inherited = "base"


class Plain(Base):
    number = 1
    text = "a"

    @staticmethod
    def fixed(value):
        return ("fixed", value)

    @classmethod
    def of_class(cls, value):
        return (cls.__name__, value)


def read_class(rounds, change=None, at=-1):
    seen = []
    for turn in range(rounds):
        if turn == at:
            change()
        found = (Plain.number, Plain.text, Plain.inherited, Plain.fixed(turn), Plain.of_class(turn))
        if turn % 97 == 0 or turn == at:
            seen.append(found)
    return seen


report("class", read_class(400))


def new_number():
    Plain.number = 2.5


report("class attribute replaced", read_class(400, new_number, 200))


def new_base():
    Base.inherited = ["of", "base"]


report("attribute of a base replaced", read_class(400, new_base, 200))


def new_static():
    Plain.fixed = staticmethod(lambda value: ("other", value))


report("staticmethod replaced", read_class(400, new_static, 200))


def initialise_static_again():
    Plain.__dict__["fixed"].__init__(lambda value: ("again", value))


report("staticmethod initialised again", read_class(400, initialise_static_again, 200))


class Meta(type):
    pass


class WithMeta(metaclass=Meta):
    level = 1


def read_meta(rounds, change, at):
    seen = []
    for turn in range(rounds):
        if turn == at:
            change()
        level = WithMeta.level
        if turn % 150 == 0 or turn == at:
            seen.append(level)
    return seen


report("non-data descriptor in the metaclass", read_meta(400, lambda: setattr(Meta, "level", len), 200))
report(
    "data descriptor in the metaclass",
    read_meta(400, lambda: setattr(Meta, "level", property(lambda cls: ("meta", cls.__name__))), 200),
)


class Value:
    def __repr__(self):
        return "Value"


class Holder:
    held = Value()

    def __init__(self, hides=False):
        if hides:
            self.held = "own"


def read_instances(objects, rounds, change, at):
    seen = []
    for turn in range(rounds):
        if turn == at:
            change()
        item = objects[turn % len(objects)]
        found = (item.held, Holder.held)
        if turn % 110 < 2 or turn == at:
            seen.append(found)
    return seen


report("instances", read_instances([Holder(), Holder()], 400, lambda: None, 0))
report("some instances hide it", read_instances([Holder(), Holder(True)], 400, lambda: None, 0))
some = Holder()


def hide():
    some.held = 7


report("an instance hides it midway", read_instances([some], 400, hide, 200))
some = Holder()


def hide_in_dict():
    vars(some)["held"] = 8


report("an instance's dict hides it", read_instances([some], 400, hide_in_dict, 200))


def become_descriptor():
    Value.__get__ = lambda self, instance, owner: ("got", instance is None, owner.__name__)


report("the value becomes a descriptor", read_instances([Holder()], 400, become_descriptor, 200))


class Colour(enum.Enum):
    RED = 1
    GREEN = 2


def count_colours(colours, rounds):
    reds = others = same = 0
    for turn in range(rounds):
        colour = colours[turn % len(colours)]
        if colour == Colour.RED:
            reds += 1
        elif colour != Colour.GREEN:
            others += 1
        if colour is Colour.GREEN:
            same += 1
    return reds, others, same


print("enum", count_colours([Colour.RED, Colour.GREEN, None, Colour.RED, 3, "x"], 600))


class Thing:
    pass


def equal(left, right, rounds, change, at):
    count = 0
    for turn in range(rounds):
        if turn == at:
            change()
        count += left == right
        count += left != right
        count += (left == left) * 1000
        count += (left != left) * 100000
    return count


def define_eq():
    Thing.__eq__ = lambda self, other: True


def define_ne():
    Thing.__ne__ = lambda self, other: "ne"[:0]


print("identity", equal(Thing(), Thing(), 400, lambda: None, 0))
print("__eq__ midway", equal(Thing(), Thing(), 400, define_eq, 200))
print("__ne__ midway", [equal(Thing(), Thing(), 300, lambda: None, 0)])
del Thing.__eq__
print("none", equal(Thing(), None, 400, lambda: None, 0), equal(None, Thing(), 400, lambda: None, 0))
print("types", equal(Thing, Value, 400, lambda: None, 0), equal(int, int, 400, lambda: None, 0))


class Reflected:
    def __eq__(self, other):
        return other is not self


print("reflected", equal(Thing(), Reflected(), 400, lambda: None, 0))


def make_classes(rounds):
    """Classes that die while the loop runs; their places in memory are used again."""
    total = 0
    for turn in range(rounds):
        cls = type("Made", (), {"weight": turn * 1000, "tag": Value()})
        for again in range(3):
            total += cls.weight + (cls().weight if again else 0)
            total += cls.tag is cls().tag
        if turn % 50 == 0:
            gc.collect()
    return total


del Value.__get__
print("classes that die", make_classes(300))


class Table:
    entries = {}
    limit = 10**12
    ratio = 0.5
    flag = True
    nothing = None

    def use(self, key):
        self.entries[key] = self.entries.get(key, 0) + self.limit
        return self.ratio if self.flag and self.nothing is None else 0


def use_table(rounds):
    table = Table()
    return sum(table.use(turn % 5) for turn in range(rounds)), Table.entries


print("table", use_table(500))


class Missing:
    pass


def missing(rounds):
    errors = set()
    for turn in range(rounds):
        if turn == rounds // 2:
            Missing.name = turn
        try:
            errors.add(Missing.name)
        except AttributeError as error:
            errors.add(str(error))
    del Missing.name
    return sorted(map(str, errors))


print("missing", missing(400))
