"""NaN equals nothing, so that containers find it by its identity alone: a loop that carries floats keeps it."""


def counts(key, rounds):
    bad = 0
    for turn in range(rounds):
        now = key if turn % 3 == 0 else 2.5
        found = {}
        for step in range(20):
            again = now
            found[again] = found.get(again, 0) + 1
        bad += found[again] != 20 or len(found) != 1
    return bad


def carried(start, rounds):
    value, kept, hits = start, [start], 0
    total = 0.0
    for turn in range(rounds):
        total += 0.5
        hits += value in kept
        if turn == rounds // 2:
            value = total
    return hits, value, total


def changes(values, rounds):
    value, seen = 1.5, 0
    for turn in range(rounds):
        value = values[turn % len(values)]
        for step in range(9):
            total = value * 2.0
            seen += value in values
    return seen, total


nan = float("nan")
print(counts(nan, 900), counts(1.5, 900))
print(carried(nan, 3000), carried(0.25, 3000))
print(changes([1.0, 2.0, nan, 3.0], 1200))
