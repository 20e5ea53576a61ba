# Methods, of Python and of C, of objects whose class also has a __getattr__, which is asked for what there is not.
# contract: 1
# expect: traces>=6


class Asked:
    def __getattr__(self, name):
        return f"asked for {name}"

    def method(self, *values):
        return len(values)

    @classmethod
    def of_class(cls):
        return cls.__name__

    @staticmethod
    def of_nobody(value):
        return value


class List(Asked, list):
    pass


class Dict(Asked, dict):
    pass


class Str(Asked, str):
    pass


class Plain:
    pass


def of_objects(rounds):
    sizes = set()
    for n in range(rounds):
        thing = Asked()
        sizes.add(thing.__sizeof__() == object.__sizeof__(thing))
        sizes.add(thing.__reduce_ex__(2)[1][0].__name__)
        sizes.add(thing.__dir__() is thing)
    return sorted(map(str, sizes))


def of_lists(rounds):
    things = List()
    total = 0
    for n in range(rounds):
        things.append(n)
        things.extend((1, 2))
        total += things.index(n) + things.count(1)
        if n & 1:
            things.reverse()
            things.pop()
            things.clear()
    return total, len(things), things.missing, things.method(1, 2)


def of_dicts(rounds):
    things = Dict()
    total = 0
    for n in range(rounds):
        things.setdefault(n & 7, n)
        total += things.get(n & 3, 5)
        total += len(things.items())
        things.update(a=n)
        if things.pop("b", None) is not None:
            break
    return total, things.missing


def of_strs(rounds):
    text = Str("some text")
    out = 0
    for n in range(rounds):
        out += len(text.upper()) + text.find("t") + len(text.split()) + text.startswith("so")
        out += len(text.join(["a", "b"])) + len(text.replace("e", "ee"))
    return out, text.missing


def of_python(rounds):
    thing = Asked()
    out = []
    for n in range(rounds):
        out.append(thing.method(n, n))
        out.append(thing.of_class())
        out.append(thing.of_nobody(n & 1))
        method = thing.method
        out.append(method())
        if n % 1000 == 999:
            thing.method = len
            out.append(thing.method("four"))
            del thing.method
    return len(out), [value for value in out if value == 4]


def of_many(things):
    sizes = 0
    for thing in things:
        sizes += thing.__sizeof__() > 0
        sizes += thing.__class__.__name__ == "Plain"
    return sizes


ROUNDS = 4000
for _ in range(2):
    print(of_objects(ROUNDS))
    print(of_lists(ROUNDS))
    print(of_dicts(ROUNDS))
    print(of_strs(ROUNDS))
    print(of_python(ROUNDS))
    print(of_many([Plain(), Asked(), List(), Plain(), 1, "a", Dict()] * 700))
    print(of_many([type(f"C{n}", (Asked,) if n % 3 else (), {})() for n in range(40)] * 100))
