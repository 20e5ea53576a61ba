# Instances whose attributes are in dicts: filled in one order or several, shared or not, hidden and deleted.
# contract: 1 2 3 7
# expect: traces>=1

import gc
import weakref


class Many:
    """Its instances are made before most of their attributes, so that each has keys of its own."""

    kind = "class"

    def __init__(self, number):
        self.number = number

    def twice(self):
        return self.number * 2

    def fill(self, names):
        for name in names:
            setattr(self, name, self.number)
        self.count = 0
        self.next = self


NAMES = [f"a{n}" for n in range(8)]


def many(orders=1):
    made = [Many(n) for n in range(60)]
    for one in made:
        names = NAMES[one.number % orders :] + NAMES[: one.number % orders]
        one.fill(names)
    return made


def work(objects, rounds):
    total = 0
    for _ in range(rounds):
        for one in objects:
            one.count += 1
            total += one.a3 + one.twice() + one.count + len(one.kind)
            one.next = one.next.next
    return total, sum(one.count for one in objects)


print(work(many(), 40))
print(work(many(7), 40))

# Somebody has asked for their dicts: the keys are still shared.
shared = many()[:0]
for n in range(60):
    one = Many(n)
    one.a3, one.count, one.next = n, 0, one
    one.__dict__
    shared.append(one)
print(work(shared, 40))
mixed = many() + shared + [Many(n) for n in range(5)]
for one in mixed[-5:]:
    one.fill(NAMES)
print(work(mixed, 40))

# What hides methods and attributes of the class, and goes again.
objects = many()
for turn in range(6):
    print(work(objects, 10))
    if turn == 1:
        objects[5].twice = lambda: 1000
        objects[6].kind = "instance"
    if turn == 2:
        del objects[5].twice, objects[6].kind
    if turn == 3:
        Many.kind = property(lambda self: "computed")
    if turn == 4:
        Many.kind = "class again"


class Missing(Many):
    def __getattr__(self, name):
        return 7


class Keys(dict):
    def __getitem__(self, key):
        raise AssertionError("nobody asks")


objects = many()
for turn in range(4):
    print(work(objects, 10))
    if turn == 0:
        objects[3].__dict__ = Keys(objects[3].__dict__)
    if turn == 1:
        objects[4].__dict__ = {1: 2, **objects[4].__dict__}
    if turn == 2:
        objects[5].__dict__ = dict(reversed(objects[5].__dict__.items()))
del objects[7].a3
try:
    work(objects, 10)
except AttributeError as error:
    print(error, objects[7].count, objects[8].count)
objects[7].__class__ = Missing
print(work(objects, 10))
objects[9].__dict__.clear()
try:
    work(objects, 10)
except AttributeError as error:
    print(error, objects[9].__dict__)


# What is replaced dies at once.
class Dies:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        LOG.append(self.name)


LOG = []


def replace(objects, rounds):
    for n in range(rounds):
        for one in objects:
            one.next = Dies((n, one.number))
            LOG.append(one.number)


objects = many()
replace(objects, 30)
print(len(LOG), LOG[3500:3510])
objects.clear()
print(len(LOG), LOG[-3:])


# The collector sees what is stored.
def cycles(objects, rounds):
    for _ in range(rounds):
        for one in objects:
            one.count = one.next = [one]


objects = many()
references = [weakref.ref(one) for one in objects]
cycles(objects, 40)
objects.clear()
gc.collect()
print(sum(reference() is not None for reference in references))


# Of builtin types and exceptions.
class Error(Exception):
    def code(self):
        return self.args[0]


class Count(int):
    def plus(self):
        return self + self.extra


class Text(str):
    def plus(self):
        return len(self) + self.extra


def of_builtins(objects, rounds):
    total = 0
    for _ in range(rounds):
        for one in objects:
            one.extra += 1
            total += one.extra
    return total


def errors(objects, rounds):
    total = 0
    for _ in range(rounds):
        for one in objects:
            total += one.code() + one.extra
    return total


for make in Error, Text:
    objects = [make(n) for n in range(40)]
    for n, one in enumerate(objects):
        if n % 3 == 0:
            one.more = n
        one.extra = n
    print(of_builtins(objects, 60))
    if make is Error:
        print(errors(objects, 60))
        objects[3].code = lambda: 5
        print(errors(objects, 60))


def function(n):
    return n + function.calls


function.calls = 0


def of_functions(rounds):
    total = 0
    for n in range(rounds):
        function.calls += 1
        total += function(n)
    return total


print(of_functions(4000))
