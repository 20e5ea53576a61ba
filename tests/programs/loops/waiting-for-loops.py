# Recordings that wait for a loop to end: the loop ends by a return, by a suspended generator that dies, or by an error in
# the second half of a fused pair of instructions, and the interpreter runs it as ever meanwhile.
# contract: 1, 4
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=5
import traceback


def leaves(rows, limit):
    total = 0
    for row in rows:
        for cell in row:
            total += cell
            if total > limit:
                return total, cell
        total += len(row)
    return total, None


def other(first, second):
    third, fourth = second, first
    for step in range(30):
        third += step
        if third > 350:
            return third - fourth
    return third


rows = [[row * cell % 7 for cell in range(40)] for row in range(30)]
for limit in (10**6, 50, 700, 10**6, 3):
    for again in range(40):
        results = leaves(rows, limit + again), other(again, limit % 11)
    print(results)


def finds(items, wanted):
    for item in items:
        if item == wanted:
            return item * 2
    return -1


print(sum(finds(range(25), again % 30) for again in range(900)))


def after(items, wanted):
    found = None
    for item in items:
        if item == wanted:
            found = item
            break
    kept = [found]
    for item in items:
        if item is found:
            kept.append(item)
    return len(kept)


print(sum(after(list(range(25)), again % 30) for again in range(900)))


def suspends(rounds):
    for turn in range(rounds):
        for step in range(20):
            if turn % 10 == 9 and step == 7:
                yield turn * step
        for step in range(20):
            turn += step


total = 0
for rounds in range(200):
    for value in suspends(50):
        total += value
        if value > rounds:
            break
print(total)


def place(error):
    """Line, and where the carets begin and end."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return last.lineno - line, last.colno, last.end_colno


def unbound(rounds, when):
    count = 0
    for step in range(rounds):
        count += 1
        if step == when:
            count += missing
    missing = 1
    return count


def unbound_and_caught(turns, when):
    count = 0
    for turn in range(turns):
        try:
            for step in range(20):
                count += 1
                if step == when:
                    count += missing
        except UnboundLocalError as error:
            places.append(place(error))
    missing = 1
    return count


line = unbound.__code__.co_firstlineno
places = []
for again in range(40):
    try:
        unbound(100, 100 - again % 15)
    except UnboundLocalError as error:
        places.append(place(error))
    unbound_and_caught(20, 20 - again % 15)
# While the code is cold, its instructions are not fused.
print(places[30:])
