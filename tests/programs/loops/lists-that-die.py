# Lists die in compiled loops: with items that live on, that die with them, that are in them twice, and that run code.
# contract: 2, 3
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# expect: traces>=4
import sys


class Noisy:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Noisy.log.append(self.name)


def live_on(rounds, kept):
    for n in range(rounds):
        part = kept[n % 5 :]
        part = part + kept
        kept[:] = part[len(part) - len(kept) :]
    return [sys.getrefcount(item) for item in kept]


def twice(rounds):
    total = 0
    for n in range(rounds):
        only = [n]
        pair = [only, only, n, n]
        del only
        total += len(pair)
    return total


def last_ones(rounds, kept):
    for n in range(rounds):
        items = [kept[0], kept[1], Noisy(n), kept[2]]
        items = [items[0], kept[1]]
    return Noisy.log[-3:], [sys.getrefcount(item) for item in kept]


def numbers(rounds):
    total = 0.0
    for n in range(rounds):
        items = [n * 1.5, n * 1000, str(n), None, True]
        total += items[0] + len(items[2])
    return total


kept = [object() for _ in range(12)]
for rounds in 12, 400:
    print(live_on(rounds, kept), twice(rounds), numbers(rounds))
    print(last_ones(rounds, kept))
