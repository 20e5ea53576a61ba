# Exceptions raised and dropped in hot loops: what they hold, in which order it dies, and which of them keep something
# alive. Those of the usual kind are made and freed without CPython's functions.
# contract: 1 2 3 4
# expect: traces>=1
import gc
import sys
import tracemalloc
import weakref

ROUNDS = 600
SHOWN = (0, 1, 300, ROUNDS - 1)
said = []


class Mortal:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        said.append(self.name)


class Plain(Exception):
    pass


class Attributed(Exception):
    def __init__(self, number, *more):
        self.number = number
        self.more = more


class Slotted(Exception):
    __slots__ = ("held",)

    def __init__(self, held):
        self.held = held


class Finalized(Exception):
    def __del__(self):
        said.append("finalized " + str(self.args[0]))


class Mixin:
    def twice(self):
        return self.args[0] * 2


class Mixed(Mixin, ValueError):
    pass


class Missing(KeyError):
    pass


class Broken(OSError):
    pass


CLASSES = [Plain, Attributed, Mixed, Missing, Broken, Finalized, ValueError, OSError, StopIteration, ExceptionGroup]


def fail(error):
    raise error


def attempt(make):
    """What an exception leaves behind in each round."""
    said.clear()
    shown = []
    for number in range(ROUNDS):
        try:
            fail(make(number))
        except BaseException as error:
            lines = []
            entry = error.__traceback__
            while entry is not None:
                lines.append((entry.tb_lineno, entry.tb_lasti, entry.tb_frame.f_code.co_name))
                entry = entry.tb_next
            del entry
            if number in SHOWN:
                shown.append((type(error).__name__, error.args, lines, sys.exc_info()[1] is error))
        if number in SHOWN:
            shown.append((list(said), sys.exc_info()))
    return shown, len(said)


for case in CLASSES:
    if case is ExceptionGroup:
        print(attempt(lambda number: case("group", [ValueError(number)])))
    else:
        print(attempt(lambda number: case(number)))
print(attempt(lambda number: Slotted(Mortal(f"held {number}")))[1])
print(attempt(lambda number: Attributed(Mortal(f"attribute {number}"), Mortal("more")))[1])


# The order of deaths: attributes, arguments, then the frames from the innermost one on, each with its locals in order.


def inner(number):
    one, two = Mortal("inner one"), Mortal("inner two")
    raise Attributed(Mortal("attribute"), Mortal("more"))


def outer(number):
    first = Mortal("outer first")
    inner(number)
    last = Mortal("never")


def order():
    said.clear()
    for number in range(ROUNDS):
        before = len(said)
        try:
            outer(number)
        except Attributed as error:
            said.append("handling")
        said.append("after")
        if number in SHOWN:
            print(said[before:])
    return len(said)


print(order())


# Kept exceptions, tracebacks and frames.


def keeping():
    errors, entries, frames = [], [], []
    for number in range(ROUNDS):
        try:
            outer(number)
        except Attributed as error:
            if number % 100 == 1:
                errors.append(error)
            elif number % 100 == 2:
                entries.append(error.__traceback__)
            elif number % 100 == 3:
                frames.append(error.__traceback__.tb_next.tb_next.tb_frame)
    found = [sorted(vars(error)) for error in errors]
    found += [entry.tb_next.tb_frame.f_locals["first"].name for entry in entries]
    for frame in frames:
        names = []
        while frame.f_code is not attempt.__code__ and frame.f_back is not None:
            names.append((frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals)[:3]))
            frame = frame.f_back
        found.append(names)
    return found, [error.number.name for error in errors]


said.clear()
print(keeping())
print(len(said))


# Many frames: more than are freed one within the other.


def sink(depth, name):
    held = Mortal(f"{name} {depth}")
    if depth == 0:
        raise Plain(name)
    sink(depth - 1, name)


def deep():
    said.clear()
    for number in range(ROUNDS):
        try:
            sink(number % 40, number)
        except Plain:
            pass
    return len(said), said[:60], said[-45:]


print(deep())


# Weak references, notes, contexts, causes, and the same exception again and again.


def linked():
    found, gone, again = [], [], Plain("again")
    for number in range(ROUNDS):
        try:
            if number % 5 == 0:
                error = Plain(number)
                reference = weakref.ref(error, lambda _: gone.append("gone"))
                fail(error)
            elif number % 5 == 1:
                error = Plain(number)
                error.add_note("note")
                fail(error)
            elif number % 5 == 2:
                try:
                    fail(Plain(number))
                except Plain as first:
                    raise Attributed(number) from first
            elif number % 5 == 3:
                try:
                    fail(Plain(number))
                except Plain:
                    fail(Attributed(number))
            else:
                fail(again)
        except Exception as caught:
            links = [type(x).__name__ for x in (caught.__cause__, caught.__context__)]
            if number in SHOWN or number > ROUNDS - 6:
                found.append((links, getattr(caught, "__notes__", None), sys.getrefcount(caught)))
            if caught is again and number % 100 == 4:
                caught.__traceback__ = None
        error = None
    count, entry = 0, again.__traceback__
    while entry is not None:
        count, entry = count + 1, entry.tb_next
    return found, len(gone), count


print(linked())


# A class that dies with its only instance.


def classes():
    said.clear()
    for number in range(60):

        class Own(Exception):
            marker = Mortal(f"class {number}")

        try:
            fail(Own(number))
        except Exception:
            pass
        del Own
    gc.collect()
    return len(said)


print(classes())


# Attributes of exceptions, where it is more than an entry of their dict.


class Checked(Exception):
    @property
    def number(self):
        return self._number

    @number.setter
    def number(self, value):
        self._number = value + 1000


class Hooked(Exception):
    def __setattr__(self, name, value):
        super().__setattr__(name, [value])


class Defaulted(Exception):
    number = "of the class"


def attributes(make, rounds=ROUNDS):
    total = []
    for number in range(rounds):
        error = make(number)
        error.number = number
        error.other = number
        error.number = number + 1
        if number % 200 == 199:
            total.append((error.number, sorted(vars(error).items(), key=str)))
    return total


def with_dict(number):
    error = Plain(number)
    if number % 7 == 3:
        error.__dict__ = {number: "not a str"}
    elif number % 7 == 5:
        error.__dict__ = type("Dict", (dict,), {})()
    elif number % 7 == 6:
        error.number = Mortal("replaced")
    return error


for case in (Plain, Checked, Hooked, Defaulted, Mixed, with_dict):
    said.clear()
    print(attributes(case), len(said))


def changing():
    shown = []
    for number in range(ROUNDS):
        if number == 400:
            Defaulted.number = property(lambda self: "read", lambda self, value: said.append(value))
        error = Defaulted(number)
        error.number = number
        if number in (399, 400, ROUNDS - 1):
            shown.append((error.number, vars(error)))
    return shown


said.clear()
print(changing(), len(said))


# Nothing is left over, and whoever watches memory sees it.


def balance():
    gc.collect()
    before = len(gc.get_objects())
    for number in range(ROUNDS):
        try:
            outer(number)
        except Attributed as error:
            assert gc.is_tracked(error)
            assert gc.is_tracked(error.__traceback__.tb_next.tb_frame)
    gc.collect()
    return len(gc.get_objects()) - before


print(balance() < 10, balance() < 10)
tracemalloc.start()
print(attempt(lambda number: Attributed(number))[1], order())
tracemalloc.stop()
print(order())
