# Exceptions that a trace raises and catches by itself: their tracebacks and frames are what they always are when
# somebody looks at last, and what was on stacks and in locals dies as it does.
# contract: 1 2 3 4 7
# expect: traces>=1
import gc
import sys

ROUNDS = 2_500
SHOWN = (0, 1, 299, 300, ROUNDS - 1)
said = []


class Mortal:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        said.append(self.name)


class Refused(Exception):
    def __init__(self, number):
        self.number = number


class Other(Refused):
    pass


def look(error):
    """All that a traceback shows."""
    shown = []
    entry = error.__traceback__
    while entry is not None:
        frame = entry.tb_frame
        names = sorted(name for name in frame.f_locals if not name.startswith("error"))
        back = frame.f_back.f_code.co_name if frame.f_back else None
        shown.append((entry.tb_lineno, entry.tb_lasti, frame.f_code.co_name, frame.f_lineno, names, back))
        entry = entry.tb_next
    return shown


def values(error):
    frame = error.__traceback__
    while frame.tb_next is not None:
        frame = frame.tb_next
    return {name: value for name, value in frame.tb_frame.f_locals.items() if isinstance(value, (int, str, list, float))}


# Locals of all kinds, in frames one within the other.


def third(number, text, *more):
    doubled = number * 2
    half = number / 2
    listed = [number, doubled]
    truth = number > 3
    if number % 2 == 0:
        raise Refused(number)
    return doubled


def second(number):
    before = number + 1
    result = third(number, "text", before)
    return result + before


def first(number):
    try:
        return second(number)
    except Refused as error:
        if number in SHOWN:
            return look(error), values(error)
        return error.number


def nested():
    total = 0
    shown = []
    for number in range(ROUNDS):
        result = first(number)
        if type(result) is tuple:
            shown.append(result)
        else:
            total += result
    return total, shown


print(nested())


# Cells, and functions that are made in each round.


def closures():
    shown = []
    total = 0
    for number in range(ROUNDS):
        def fail(step):
            nonlocal total
            total += step
            own = Mortal(f"{number} {step}")
            raise Refused(total)

        try:
            fail(number % 3)
        except Refused as error:
            if number in SHOWN:
                shown.append((look(error), error.number))
            error.number = None
        del fail
    return total, shown


said.clear()
print(closures())
print(len(said), said[:3], said[-3:])


# What is on the stacks when an exception passes, and iterators that somebody else has.


def in_loop(iterator, number):
    for item in iterator:
        if item == number % 5:
            raise Refused(item)
    return -1


def stacks():
    total = 0
    for number in range(ROUNDS):
        iterator = iter(range(9))
        try:
            total += (Mortal("left"), len([number]))[1] + in_loop(iterator, number) * 3
        except Refused as error:
            total += error.number
        total += sum(iterator)
        try:
            for here in iterator if number % 2 else range(4):
                if here == 2:
                    raise Refused(here)
        except Refused as error:
            total += error.number + here
        try:
            f = [Mortal("stacked"), in_loop(iter([1, 2, 3, 4, 0]), number)]
        except Refused as error:
            said.append("caught")
    return total


said.clear()
print(stacks(), len(said), said[:12], said[-12:])


# Classes that differ, exceptions that are raised again, and those that are kept.

KEPT = Refused("kept")


def choose(number):
    if number % 4 == 0:
        raise Other(number)
    if number % 4 == 1:
        raise Refused(number)
    if number % 50 == 2:
        raise KEPT
    if number % 50 == 3:
        raise Other
    return 1


def changing():
    counts = [0, 0, 0, 0]
    kept = []
    for number in range(ROUNDS):
        try:
            counts[0] += choose(number)
        except Other as error:
            counts[1] += 1
            if number % 100 == 0:
                kept.append(error)
        except (ValueError, Refused) as error:
            counts[2] += 1
        except TypeError:
            counts[3] += 1
    depth = 0
    entry = KEPT.__traceback__
    while entry is not None:
        depth, entry = depth + 1, entry.tb_next
    return counts, [(error.number, look(error)) for error in kept], depth


print(changing())


# While another exception is handled: in the same function, in a caller, in a generator.


def inside():
    shown = []
    for number in range(ROUNDS):
        try:
            choose(0)
        except Other as outer:
            try:
                choose(number % 2)
            except Refused as inner:
                if number in SHOWN:
                    shown.append((inner.__context__ is outer, outer.__context__, sys.exc_info()[1] is inner))
            if number in SHOWN:
                shown.append(sys.exc_info()[1] is outer)
    return shown


def generator():
    for number in range(ROUNDS):
        try:
            choose(number % 3)
            yield number
        except Refused as error:
            yield type(error.__context__).__name__


def alone():
    seen = {}
    for item in generator():
        name = item if type(item) is str else "number"
        seen[name] = seen.get(name, 0) + 1
    return seen, sys.exc_info()


def resumed():
    seen = {}
    rounds = generator()
    try:
        raise KeyError("outer")
    except KeyError:
        for _ in range(300):
            item = next(rounds)
            seen[item if type(item) is str else "number"] = seen.get(item if type(item) is str else "number", 0) + 1
    for item in rounds:
        seen[item if type(item) is str else "number"] = seen.get(item if type(item) is str else "number", 0) + 1
    return seen


print(inside())
print(resumed())
print(alone())


# Handlers that leave compiled code.


def leaving():
    total = 0
    shown = []
    for number in range(ROUNDS):
        value = number
        try:
            value = first_of(number)
        except Refused as error:
            scale = 1 << 70 if number % 97 == 0 else 1
            total += error.number * scale
            if number in SHOWN:
                shown.append((sys.exc_info()[1] is error, look(error)))
        else:
            total += value
        finally:
            total += 1
    return total, shown, sys.exc_info()


def first_of(number):
    if number % 3:
        raise Refused(number)
    return number


print(leaving())


# The collector runs in the midst of it.


def collected():
    gc.collect()
    gc.set_threshold(5, 3, 3)
    total = 0
    for number in range(ROUNDS):
        try:
            second(number)
        except Refused as error:
            total += len(error.__traceback__.tb_next.tb_next.tb_frame.f_locals)
        try:
            second(number)
        except Refused as error:
            total += error.number
        try:
            second(number)
        except Refused:
            total += 1
    gc.set_threshold(700, 10, 10)
    return total


print(collected())


# Recursion, and deaths in frames that are gone.


def down(depth):
    mark = Mortal(f"down {depth}")
    if depth == 0:
        raise Refused(depth)
    return down(depth - 1) + 1


def deaths():
    for number in range(ROUNDS):
        try:
            down(number % 4)
        except Refused:
            said.append("caught")
        said.append("after")
    return len(said), said[:24], said[-24:]


said.clear()
print(deaths())


# Somebody traces from some round on.


def traced():
    events = []

    def trace(frame, event, arg):
        if event != "line":
            events.append((frame.f_code.co_name, event))
        return trace

    total = 0
    for number in range(ROUNDS):
        if number == 500:
            sys.settrace(trace)
        if number == 504:
            sys.settrace(None)
        try:
            total += second(number)
        except Refused as error:
            total += error.number
    return total, events


print(traced())
