"""Instructions that meet objects of many classes: attributes read and stored, methods, isinstance."""


class Slotted:
    __slots__ = ("a", "parent")
    kind = "slotted"

    def __init__(self, a):
        self.a = a

    def name(self):
        return type(self).__name__


class Plain:
    kind = "plain"

    def __init__(self, a):
        self.a = a
        self.parent = None

    def name(self):
        return type(self).__name__


class Property(Plain):
    @property
    def kind(self):
        return "property of " + self.name()


def subclasses(base, count):
    return [type(f"{base.__name__}{i}", (base,), {"kind": f"{base.__name__}-{i}"}) for i in range(count)]


class Noisy(Slotted):
    def __del__(self):
        log.append(("dead", self.a))


class Hidden(Plain):
    def __init__(self, a):
        super().__init__(a)
        self.name = lambda: "hidden"


class Other:
    def __init__(self, a):
        self.__dict__.update(a=a, parent=None, kind="other")

    def name(self):
        return "of other"

    @property
    def __class__(self):
        return Plain


log = []
slotted = [Slotted, *subclasses(Slotted, 6)]
plain = [Plain, *subclasses(Plain, 6)]
mixed = [*slotted, *plain, Property, Hidden, Other]


def make(classes, n):
    return [classes[i % len(classes)](i) for i in range(n)]


def read(objects):
    total, kinds = 0, {}
    for item in objects:
        total += item.a
        kinds[item.kind] = kinds.get(item.kind, 0) + 1
    return total, sorted(kinds.items())


def link(objects):
    last = None
    for item in objects:
        item.parent = last
        last = item
    count = 0
    while last is not None:
        last, count = last.parent, count + 1
    return count


def names(objects):
    found = {}
    for item in objects:
        name = item.name()
        found[name] = found.get(name, 0) + 1
    return sorted(found.items())


def kinds(objects):
    one = two = 0
    for item in objects:
        one += isinstance(item, Plain)
        two += isinstance(item, (Slotted, Hidden))
    return one, two


def replace(objects):
    for item in objects:
        item.parent = Noisy(item.a)
    for item in objects:
        item.parent = None
    return len(log)


def unbound(objects):
    missing = 0
    for item in objects:
        try:
            item.parent.a
        except AttributeError as error:
            missing += len(str(error))
    return missing


for classes in slotted, plain, mixed:
    for n in 30, 3000:
        objects = make(classes, n)
        print(read(objects))
        print(unbound(objects))
        print(link(objects), names(objects), kinds(objects))
        print(replace(objects), log[:2], log[-2:])
        log.clear()
        print(unbound(objects))

objects = make(slotted, 500)
print(read(objects)[0])
Slotted.kind = property(lambda self: "now computed")
for class_ in slotted[3:]:
    del class_.kind
print(read(objects))
Slotted.name = lambda self: "renamed"
print(names(objects))
for class_ in slotted[1:4]:
    class_.__setattr__ = lambda self, name, value: object.__setattr__(self, name, (value,))
try:
    print(link(objects))
except AttributeError as error:
    print(error)
