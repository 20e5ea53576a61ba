"""Loops within loops and after loops: long ones run as trees that the outer trace calls. They end in every way a loop
can, change variables and their types, and are looked at while they run."""

import sys


def several(items, rounds):
    total, scale, found = 0, 1.5, None
    for turn in range(rounds):
        extra = turn * 2
        for item in items:
            if item & 1:
                total += item
            else:
                total -= extra
        scale = scale * 0.99 + total
        while extra > 3:
            extra -= 3
            if extra == 7:
                break
        else:
            found = turn
        total += extra
    return total, round(scale, 6), found


print(several(list(range(30)), 400))


def breaks(table, wanted):
    hits = []
    for want in wanted:
        for at, row in enumerate(table):
            for cell in row:
                if cell == want:
                    break
            else:
                continue
            hits.append((want, at))
            break
        else:
            hits.append((want, -1))
    return hits


table = [[column * 7 + row for column in range(12)] for row in range(25)]
print(sum(hash(hit) % 1000 for hit in breaks(table, [turn * 3 % 120 for turn in range(400)])))


def returns(limit):
    for outer in range(50):
        for inner in range(20):
            if outer * inner > limit:
                return outer, inner, locals().get("late", "unbound")
            if outer == 40:
                late = inner
    return None


print([returns(limit) for limit in list(range(0, 1000, 9)) * 6][::83])


def raises(bad, rounds):
    caught = 0
    for turn in range(rounds):
        try:
            for item in range(20):
                value = 10 // (item - bad if turn % 50 == 49 else 3)
                caught += value
        except ZeroDivisionError:
            caught += 1000 + item
    return caught


print(raises(7, 500), raises(99, 500))


def types_change(rounds):
    value = 0
    seen = set()
    for turn in range(rounds):
        for step in range(15):
            if turn < 200:
                value = value + 1
            elif turn < 300:
                value = value + 0.5
            else:
                value = str(step)
        seen.add(type(value).__name__)
        if turn == 300:
            value = "x"
    return value, sorted(seen)


print(types_change(400))


def unbound_first(cells, rounds):
    count = 0
    for turn in range(rounds):
        for at in range(len(cells)):
            cell = cells[at]
            if turn in cell:
                count += 1
                last = cell
    return count, cell, last


for again in range(300):
    result = unbound_first([[1, 2, 3], [4], [1, 9]] * 8, 5)
print(result)


def unbound_again(rounds):
    errors = 0
    for turn in range(rounds):
        for step in range(12):
            if step == 5 and turn % 100 == 99:
                try:
                    del kept
                except UnboundLocalError:
                    errors += 1
            if step == 8:
                try:
                    errors += kept * 0
                except UnboundLocalError as error:
                    errors += len(str(error))
            if step < 3:
                kept = turn
    return errors


print(unbound_again(400))


class Dies:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Dies.log.append((self.name, sys._getframe(1).f_lineno - line))


def deaths(rounds):
    for turn in range(rounds):
        thing = Dies(turn) if turn % 90 == 0 else None
        for step in range(14):
            other = thing
            if step == 6:
                thing = None
            if step == 9:
                other = None
    return len(Dies.log)


line = deaths.__code__.co_firstlineno
print(deaths(400), Dies.log)


def looks(rounds):
    lines = {}
    for turn in range(rounds):
        for step in range(13):
            if step == 11 and turn % 70 == 0:
                frame = sys._getframe()
                key = frame.f_lineno - frame.f_code.co_firstlineno, tuple(sorted(frame.f_locals))
                lines[key] = lines.get(key, 0) + frame.f_locals["turn"]
                del frame
    return lines


print(looks(500))


def traced(rounds):
    events = []

    def tracer(frame, event, argument):
        events.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
        return tracer

    total = 0
    for turn in range(rounds):
        for step in range(12):
            total += step
            if turn == rounds - 2 and step == 10:
                sys._getframe().f_trace = tracer
                sys.settrace(tracer)
        total += 1
    sys.settrace(None)
    return total, len(events), events[:8]


print(traced(300))


def same_iterator(rounds):
    out = 0
    for turn in range(rounds):
        numbers = iter(range(40))
        for first in numbers:
            for second in numbers:
                out += first * second
                if second % 5 == 4:
                    break
    return out


print(same_iterator(300))


def in_generator(rounds):
    total = 0
    for turn in range(rounds):
        for step in range(20):
            total += step
            if turn % 80 == 0 and step == 15:
                yield total
        for step in range(20):
            total -= step // 2
    yield total


print(list(in_generator(400)))


def deep(level):
    total = 0
    for turn in range(9):
        for step in range(11):
            total += step
        if level:
            total += deep(level - 1) % 7
    return total


print(deep(4))


def big(rounds):
    value = 1
    for turn in range(rounds):
        for step in range(30):
            value = value * 3 % (10**15 + 37)
        if turn % 50 == 0:
            value = value << 60
        for step in range(12):
            value = value // 7 if value > 2**70 else value + step
    return value


print(big(300))
