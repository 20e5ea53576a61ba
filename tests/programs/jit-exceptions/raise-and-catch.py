# Exceptions raised and caught in hot loops: through inlined calls, with tracebacks, contexts and causes,
# `finally`, `with`, and what dies on the way.
# contract: 1 2 3 4 5 7
# expect: traces>=1
import sys
import traceback
import weakref

ROUNDS = 400


class Rejected(Exception):
    def __init__(self, number):
        self.number = number


class Narrow(Rejected):
    pass


def check(number):
    if number % 3 == 0:
        raise Rejected(number)
    return number


def through(number):
    local = [number]
    return check(number) + len(local)


def describe(error):
    frames = [(frame.name, frame.lineno, frame.line) for frame in traceback.extract_tb(error.__traceback__)]
    linked = error.__cause__ or error.__context__
    return type(error).__name__, error.args, frames, linked and type(linked).__name__


def simple():
    accepted = rejected = finished = 0
    kept = []
    for number in range(12 * ROUNDS):
        try:
            accepted += through(number)
        except Rejected as error:
            rejected += error.number
            if number in (3, 150, 399, 4_500):
                kept.append(describe(error))
        finally:
            finished += 1
    return accepted, rejected, finished, kept


print(simple())


# A value on the stack while the callee raises, in the caller and in callees.


def deep(a, b):
    return a + (len(str(b)) * check(a))


def deeper(a, b):
    return [a, str(b), deep(a, b), b]


def stacks():
    total = 0
    for number in range(ROUNDS):
        for factor in (1, 2):
            try:
                total += number * len(deeper(number, [factor] * 2 if number % 2 else factor))
            except Rejected:
                total -= 1
    return total


print(stacks())


# Handlers that do not match, and those that raise again.


def unmatched(number):
    try:
        return check(number)
    except (KeyError, ValueError):
        return -1
    finally:
        log.append(number)


def cleans_up(number):
    try:
        return unmatched(number)
    except BaseException:
        log.append("clean")
        raise


def chained(number):
    try:
        return cleans_up(number)
    except Rejected as error:
        if number % 2:
            raise Narrow(number) from error
        if number % 4:
            raise Narrow(number) from None
        raise KeyError(number)


log = []


def all_ways():
    results = []
    for number in range(ROUNDS):
        try:
            results.append(chained(number))
        except (Narrow, KeyError) as error:
            results.append(describe(error) if number % 60 < 9 else number)
    return results


for result in all_ways():
    if isinstance(result, tuple):
        print(result)
print(len(log), log[:9], log[-9:])


# sys.exc_info and the context while handling; nested handlers.


def nested():
    seen = []
    for number in range(ROUNDS):
        try:
            try:
                check(number)
            except Rejected as first:
                try:
                    check(number * 3)
                except Rejected as second:
                    seen.append((sys.exc_info()[1] is second, second.__context__ is first,
                                 first.__context__ is None))
                seen.append(sys.exc_info()[1] is first)
                raise ValueError(number)
        except ValueError as error:
            seen.append(type(error.__context__).__name__)
        seen.append(sys.exc_info() == (None, None, None))
    return {entry: seen.count(entry) for entry in seen}


print(nested())


# Deaths: locals of frames that are left, the exception and what it holds.


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        deaths.append(self.name)


deaths = []


def leaves(number):
    first, second = Noisy("first"), Noisy("second")
    if number % 2:
        raise Rejected(Noisy("held"))
    return number


def dying():
    for number in range(ROUNDS):
        before = Noisy("before")
        try:
            [Noisy("stack"), leaves(number)]
        except Rejected as error:
            deaths.append("handler")
            error.other = Noisy("other")
            del before
        deaths.append("end")


dying()
print(len(deaths), deaths[:20], deaths[-20:])
deaths.clear()


def without_name():
    for number in range(ROUNDS):
        try:
            leaves(number)
        except Rejected:
            deaths.append("handler")
        deaths.append("end")


without_name()
print(len(deaths), deaths[:12], deaths[-12:])


# Exceptions, tracebacks and frames that are kept.


def keeping():
    kept = []
    for number in range(ROUNDS):
        try:
            through(number)
        except Rejected as error:
            kept.append(error)
    return kept


kept = keeping()
print(len(kept), describe(kept[-1]))
print([sorted(frame.f_locals, key=str) for frame, _ in traceback.walk_tb(kept[100].__traceback__)])
print(kept[100].__traceback__.tb_next.tb_frame.f_locals, kept[100].__traceback__.tb_next.tb_frame.f_back)
references = [weakref.ref(error) for error in kept]
del kept
print(sum(reference() is not None for reference in references))


# Caught in the callee, whose frame the traceback keeps for a while.


def guarded(number, memory=[]):
    try:
        check(number)
        result = "fine"
    except Rejected as error:
        result = error.__traceback__.tb_frame.f_lineno - error.__traceback__.tb_frame.f_code.co_firstlineno
        if number % 90 == 0:
            memory.append(error.__traceback__.tb_frame)
    number += 1
    return result, number


def in_callee():
    results = []
    for number in range(ROUNDS):
        results.append(guarded(number))
    return results[3], results[4], {result: 1 for result, _ in results}


print(in_callee())
print([frame.f_locals["number"] for frame in guarded.__defaults__[0]],
      [frame.f_lineno - frame.f_code.co_firstlineno for frame in guarded.__defaults__[0]])


# Errors of built-in operations.


def missing(table, key):
    try:
        return table[key]
    except KeyError as error:
        return error.args[0]


def builtin_errors():
    table = {n: n * 2 for n in range(0, ROUNDS, 2)}
    items = [1, 2, 3]
    counts = {}
    for number in range(ROUNDS):
        counts["sum"] = counts.get("sum", 0) + missing(table, number)
        try:
            counts["int"] = counts.get("int", 0) + int("x" if number % 3 else "7")
        except ValueError as error:
            counts[str(error)] = counts.get(str(error), 0) + 1
        try:
            items[number % 5]
        except IndexError as error:
            counts[str(error)] = counts.get(str(error), 0) + 1
        try:
            number / (number % 4)
        except ZeroDivisionError as error:
            counts[str(error)] = counts.get(str(error), 0) + 1
        try:
            number.nothing
        except AttributeError as error:
            counts[str(error)] = counts.get(str(error), 0) + 1
        try:
            next(iter(()))
        except StopIteration:
            counts["stop"] = counts.get("stop", 0) + 1
        try:
            counts[[]]
        except TypeError as error:
            counts[str(error)] = counts.get(str(error), 0) + 1
    return counts


print(builtin_errors())


# with, whose exits swallow or pass on.


class Manager:
    def __init__(self, swallows):
        self.swallows = swallows

    def __enter__(self):
        return self

    def __exit__(self, kind, value, traceback):
        exits.append(kind and kind.__name__)
        return self.swallows


exits = []


def managed():
    caught = 0
    for number in range(ROUNDS):
        try:
            with Manager(number % 2):
                check(number)
        except Rejected:
            caught += 1
    return caught


print(managed(), len(exits), exits[:8], exits[-8:])


# Out of the loop, and out of the function.


def leaving(limit):
    total = 0
    try:
        for number in range(1, ROUNDS):
            try:
                total += number
                if number == limit:
                    raise Rejected(total)
            finally:
                total += 1
    except Rejected as error:
        return error.number, total
    return total


print([leaving(limit) for limit in (1, 50, 399, 1000)])


def escaping(number):
    for each in range(number, number + 5):
        if each % 7 == 0:
            raise Narrow(each)
    return None


def catches_escaping():
    results = []
    for number in range(ROUNDS):
        try:
            results.append(escaping(number))
        except Narrow as error:
            results.append(error.number)
    return len(results), sum(number or 0 for number in results)


print(catches_escaping())

# Raising what is no exception, classes, and classes whose making raises.


class Making(Exception):
    def __init__(self):
        raise LookupError("making")


class Other(Exception):
    def __new__(cls, *arguments):
        return 5 if arguments else super().__new__(cls)


def odd(number):
    kind = number % 6
    if kind == 0:
        raise Making
    if kind == 1:
        raise KeyError
    if kind == 2:
        raise 5
    if kind == 3:
        raise ValueError from 7
    if kind == 4:
        raise Other
    raise


def odd_ones():
    counts = {}
    for number in range(ROUNDS):
        try:
            odd(number)
        except BaseException as error:
            key = (type(error).__name__, str(error), type(error.__context__).__name__)
            counts[key] = counts.get(key, 0) + 1
    return counts


print(odd_ones())


# Catching what is no class of exceptions.


def catching(what, rounds):
    total = 0
    for number in range(rounds):
        if number == rounds - 50:
            what = KeyError, 5
        try:
            try:
                check(number)
            except what:
                total += 1
        except TypeError as error:
            return total, str(error), type(error.__context__).__name__
    return total


print(catching(Rejected, ROUNDS), catching((KeyError, Rejected), ROUNDS))


# Recursion through handlers.


def recurse(depth):
    try:
        if depth == 0:
            raise Rejected(0)
        return recurse(depth - 1)
    except Rejected as error:
        if depth > 20:
            raise
        return depth + error.number


def recursion():
    total = 0
    for number in range(ROUNDS):
        try:
            total += recurse(number % 30)
        except Rejected:
            total += 100
    return total


print(recursion())


def overflow(depth):
    try:
        return overflow(depth + 1)
    except RecursionError:
        return depth


print(overflow(0) > 900)


# Tracing switched on by what runs on the way.


class Traces(Exception):
    def __init__(self, number):
        if number == 250:
            sys.settrace(tracer)


def tracer(frame, event, argument):
    events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


events = []


def raises_traced(number):
    raise Traces(number)


def traced():
    sys._getframe().f_trace = tracer
    total = 0
    for number in range(300):
        try:
            raises_traced(number)
        except Traces as error:
            total += 1
        if number == 253:
            sys.settrace(None)
    return total


print(traced(), events)


class Profiled:
    def __del__(self):
        if self.number == 250:
            sys.setprofile(lambda frame, event, argument: profile.append((frame.f_code.co_name, event)))


profile = []


def raises_profiled(number):
    local = Profiled()
    local.number = number
    handled = 0
    try:
        check(number * 3)
    except Rejected:
        handled = 1
    return handled


def profiled():
    total = 0
    for number in range(300):
        total += raises_profiled(number)
        if number == 252:
            sys.setprofile(None)
    return total


print(profiled(), profile)
