# `enumerate` and `zip` use their result again if nobody else has it: what is in there dies when it would, results that are
# kept stay as they are, and iterators that are there twice, or at their end, give what they should.
# contract: 1, 2, 3
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# expect: traces>=8
import gc
import sys


class Noisy:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Noisy.log.append(self.name)


def numbered(items, start=0):
    total, kept = 0, []
    for index, item in enumerate(items, start):
        total += index * (len(item) if isinstance(item, str) else item)
        if index % 17 == 3:
            kept.append((index, item))
    return total, kept[:5], kept[-2:]


def keeps_results(items):
    kept, last = [], None
    for pair in enumerate(items):
        if pair[0] % 5 == 2:
            kept.append(pair)
        last = pair
    return kept[:4], kept[-1], last, sys.getrefcount(last)


def zipped(*sequences):
    found, left = [], [iter(sequence) for sequence in sequences]
    for items in zip(*left):
        found.append(items[-1])
        a, *_ = items
        found.append(a)
    return found[-6:], len(found), [next(iterator, "end") for iterator in left]


def pairwise(numbers):
    """The same iterator twice."""
    iterator = iter(numbers)
    return [a * 100 + b for a, b in zip(iterator, iterator)][-3:]


def dots(a, b):
    total = 0
    for x, y in zip(a, b):
        total += x * y
    return total


def deaths(rounds):
    """The last item lives in the result until the next one comes."""
    things = [Noisy(n) for n in range(rounds)]
    seen = []
    for index, thing in enumerate(things):
        things[index] = None
        seen.append((index, thing.name, len(Noisy.log)))
        thing = None
    log, Noisy.log = Noisy.log, []
    return seen[-3:], log[-3:], len(log)


def zipped_deaths(rounds):
    left = [Noisy(-n) for n in range(rounds)]
    right = [Noisy(n) for n in range(rounds)]
    seen = []
    for at, (a, b) in enumerate(zip(left, right)):
        left[at] = right[at] = None
        del a
        seen.append(len(Noisy.log))
        del b
    log, Noisy.log = Noisy.log, []
    return seen[-3:], log[-4:], len(log)


def shared_range(rounds):
    numbers = iter(range(rounds))
    found = []
    for index, number in enumerate(numbers):
        if index % 7 == 1:
            found.append(next(numbers, None))
        found.append(number)
    return found[-5:], len(found)


def grows(rounds):
    items, total = [1, 2, 3], 0
    for index, item in enumerate(items):
        if index < rounds:
            items.append(item + index)
        total += item
    return total, len(items)


def nested(rows):
    total = 0
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            total += x * y * cell
        for a, b, c in zip(row, rows, range(100)):
            total += a * c + len(b)
    return total


def strict(a, b):
    try:
        for x, y in zip(a, b, strict=True):
            pass
    except ValueError as error:
        return x, y, str(error)


for rounds in 15, 700:
    numbers = list(range(rounds))
    print(numbered(numbers), numbered(tuple(numbers), 250), numbered(range(rounds), -3))
    print(numbered("abc" * rounds), numbered("\u00e9\u4e2d" * rounds, sys.maxsize - 20))
    print(keeps_results(numbers), shared_range(rounds), grows(rounds), pairwise(numbers))
    print(zipped(numbers, "x" * rounds, range(rounds)), zipped(numbers, numbers[:-3]), zipped(numbers[:4], numbers))
    print(zipped(numbers, range(rounds), tuple(numbers), numbers, numbers), zipped())
    print(dots(numbers, range(rounds)), dots([n * 0.5 for n in numbers], numbers), dots([], numbers))
    print(deaths(rounds), zipped_deaths(rounds))
    print(nested([list(range(n)) for n in range(rounds % 40)]), strict(numbers, numbers[1:]))
    pairs = enumerate([[n] for n in numbers])
    for index, item in pairs:
        gc.collect(0) if index % 50 == 3 else None
    print(index, item, gc.is_tracked((index, item)))
