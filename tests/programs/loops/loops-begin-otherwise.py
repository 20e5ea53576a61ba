# Loops that begin in other states than they were recorded in: variables that only some rounds bind, and whose types change.
# The entry of a tree that refuses most frames is recorded again, with less in it.
# contract: 1, 2
# expect: traces>=3, entry_exits<=20000
import gc
import weakref


class Thing:
    pass


def sorts(pairs, numbers, others):
    for key, value in pairs:
        if type(value) is int:
            numbers.append(key)
        else:
            others.append(value)


def binds(rows, limit):
    """`late` is unbound when the inner loop runs for the first time, and often for long."""
    hits = 0
    for row in rows:
        for cell in row:
            if cell > limit:
                hits += 1
        for late in range(3):
            if late == limit:
                hits += 10
    try:
        return hits, late
    except UnboundLocalError as error:
        return hits, str(error)


def dies(rounds):
    """What a variable in memory holds dies where the next value is stored."""
    log = []
    for turn in range(rounds):
        for step in range(6):
            if step == turn % 6:
                thing = Thing()
                weakref.finalize(thing, log.append, (turn, step))
                log.append("made")
            elif step == 5:
                kept = turn * 2.5
            elif step == 4 and turn % 7 == 3:
                thing = None
    return len(log), log[:6], log[-3:], kept


def deletes(rounds):
    errors = 0
    for turn in range(rounds):
        for step in range(8):
            if step == 2:
                extra = turn if turn % 3 else str(turn)
            elif step == 6 and turn % 2:
                del extra
            elif step == 7:
                try:
                    errors += len(str(extra))
                except UnboundLocalError:
                    errors += 1000
    return errors


def suite(rounds):
    results = []
    for again in range(rounds):
        numbers, others = [], []
        sorts([(at, at if at * again % 3 else str(at)) for at in range(12)], numbers, others)
        results.append((len(numbers), len(others), binds([[3, 9], [4] * (again % 5)], again % 9)))
        results.append(binds([], 3))
    return results[-1], results[-2], results[17], len(results)


print(suite(9000))
for again in range(60):
    found = dies(70), deletes(90)
print(found)
gc.collect()
print(dies(9), deletes(9))
