# What generators and coroutines with trees of their own yield and return, to whoever consumes them: other bytecode, C, and
# functions that are called from C.
# contract: 1, 2, 4
# expect: traces>=4
import gc
import inspect
import itertools
import sys
import weakref


class Thing:
    def __init__(self, number):
        self.number = number

    def __del__(self):
        deaths.append(self.number)


deaths = []


def steps(items, kept):
    """Numbers that the loop carries, a range whose position is carried, and cells."""
    count, part, last = 0, 0.5, None

    def inside():
        return count, kept

    for at in range(len(items)):
        item = items[at]
        if item % 3 == 0:
            count += item
        elif item % 3 == 1:
            part += item * 0.25
        else:
            last = (item, part)
        got = yield count, part, last, at
        if got is not None:
            count += got
            kept = got
    return inside(), last


def numbers(n, big):
    """Yields its own variables, which become other objects."""
    total = big
    for i in range(n):
        total += i
        if i % 5 == 4:
            total -= 7
        yield total
        if i % 7 == 3:
            yield i
        yield -1.5 * i


def outer(n):
    for row in range(n):
        for value in numbers(row % 6, row):
            if value != 3:
                yield row, value


def walk(depth, seen):
    """Recursive, with results of `yield from`."""
    total = 0
    for at in range(2):
        if depth:
            total += yield from walk(depth - 1, seen)
        else:
            seen.append(at)
            total += 1
            yield total, depth, len(seen)
    return total + depth


def owns(items):
    """What dies when the generator returns, or is given up in between."""
    first = last = Thing(-1)
    for number in items:
        last = Thing(number)
        if number % 2:
            first = last
        yield number * 2, last.number, first.number


def consumed(iterator):
    total = []
    for value in iterator:
        total.append(value)
    return len(total), total[:3], total[-3:]


items = [at * 7 % 11 for at in range(4000)]
print(consumed(steps(items, "kept")))
print(len(list(steps(items, "kept"))), tuple(itertools.islice(steps(items, 1), 3000, 3003)))
print(consumed(itertools.chain(numbers(3000, 1), numbers(500, 2**62), numbers(500, 2**70))))
print(consumed(outer(900)), sum(value for _, value in outer(900)))
print(consumed(walk(10, [])))


def delegates(n, log):
    for turn in range(n):
        log.append((yield from steps([turn, turn + 1, 2], turn)))


log = []
print(consumed(delegates(1500, log)), log[:2], log[-2:])

# Sent to, thrown into, closed and looked at in between.
one = steps(items, "kept")
print(next(one))
for at in range(3000):
    value = one.send(at if at % 4 == 0 else None)
    if at % 1000 == 999:
        print(value, one.gi_running, one.gi_suspended, inspect.getgeneratorlocals(one)["part"])
        print(one.gi_frame.f_lineno, sorted(one.gi_frame.f_locals)[:4])
try:
    one.throw(KeyError("thrown"))
except KeyError as error:
    print(repr(error), one.gi_frame, error.__traceback__.tb_next.tb_frame.f_locals["at"])
one = steps(items, 0)
print(consumed(itertools.islice(one, 2000)))
one.close()
print(one.gi_frame, list(one))

print(consumed(owns(range(2000))), len(deaths), deaths[:4], deaths[-4:])
del deaths[:]
one = owns(range(2000))
print(consumed(itertools.islice(one, 1001)), len(deaths), sys.getrefcount(one.gi_frame.f_locals["last"]))
alive = weakref.ref(one)
del one
gc.collect()
print(alive(), deaths[-3:])


# Functions that C calls end its evaluation, with closures, deaths and exceptions.
def called(n, log):
    def key(number):
        score = number * 3 % 17
        if score > n % 9:
            score -= n
        if score < -5:
            score = score * 2 + 1
        if number == 77_777:
            raise ValueError(score)
        last = Thing(number) if number % 50 == 0 else None
        log.append(score) if last else None
        return score

    return key


log = []
print(sum(map(called(4, log), range(9000))), len(log), len(deaths), deaths[-2:])
print(sorted(range(300), key=called(2, log))[:5])
try:
    print(sum(map(called(4, log), range(70_000, 80_000))))
except ValueError as error:
    print(repr(error), error.__traceback__.tb_next.tb_frame.f_locals["number"])


# Coroutines.
class Pause:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        answer = yield self.value
        return answer


async def rests(n):
    total = 0
    for at in range(n):
        if at % 3 == 1:
            total += await Pause(at)
        else:
            total -= at
    return total


async def streams(n):
    total = 0
    for at in range(n):
        total += at
        if at % 10 == 0:
            total += await Pause(total)
        yield total, at


async def main(n):
    total = 0
    for turn in range(n):
        total += await rests(turn % 7)
    async for value, at in streams(n):
        total += value + at
    return total


def drive(coroutine):
    yielded = []
    try:
        while True:
            yielded.append(coroutine.send(len(yielded) if yielded else None))
    except StopIteration as stop:
        return len(yielded), yielded[-3:], stop.value


print(drive(main(3000)))

# The trace function is set while generators are suspended.
def lines(frame, event, argument):
    if frame.f_code.co_name in ("steps", "traced"):
        events.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
    return lines


def traced(iterator):
    for at, value in enumerate(iterator):
        if at == 3000:
            sys.settrace(lines)
        elif at == 3003:
            sys.settrace(None)


events = []
traced(steps(items, 0))
print(len(events), events[:30])
