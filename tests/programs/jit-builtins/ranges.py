# Ranges of a few numbers, made in hot code: iterated at once, kept, of big numbers, and of no numbers at all.
# contract: 1 8
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=15
import sys


class Index:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value


class Int(int):
    pass


def iterated(n):
    total = 0
    for i in range(n):
        for j in range(i % 4):
            total += j
        for j in range(i % 3, 5):
            total += j * i
        for j in range(5, i % 3, -2):
            total -= j
    return total


def kept(n):
    seen = 0
    for i in range(n):
        r = range(2, i)
        seen += len(r) + (i in r) + r.step + r.start
        it = iter(r)
        seen += next(it, 7) + it.__length_hint__()
    return seen, r, r[-1], r.index(5), r == range(2, n - 1), hash(r) == hash(range(2, n - 1))


def of(start, stop, step, rounds=400):
    seen = []
    for i in range(rounds):
        for j in range(start, stop, step):
            if len(seen) < 20:
                seen.append(j)
            if j > 2**70 or i % 50:
                break
    return seen


def parts_change(n, values):
    seen = []
    for i in range(n):
        stop = values[i * len(values) // n]
        try:
            for j in range(stop):
                if j > 3:
                    break
            else:
                j = -1
            seen.append(j)
        except (TypeError, ValueError, OverflowError) as error:
            seen.append(f"{type(error).__name__}: {error}")
    return seen


def zero_step(n):
    failed = 0
    for i in range(n):
        try:
            for j in range(0, 9, 0 if i % 100 == 99 else 3):
                failed += j
        except ValueError as error:
            line = error.__traceback__.tb_lineno - zero_step.__code__.co_firstlineno
            failed += 1000 + line + len(str(error))
    return failed


def leaves_nothing(n):
    big = 10**15
    before = sys.getallocatedblocks()
    for i in range(n):
        for j in range(big, big + 2):
            pass
        r = range(big, big + i)
    return sys.getallocatedblocks() - before < n // 4, len(r)


def shadowed(n, range):
    seen = []
    for i in [0] * n:
        for j in range(3):
            seen.append(j)
    return seen[-4:], len(seen)


def main():
    print(iterated(3000))
    print(kept(3000))
    for start, stop, step in [
        (0, 5, 1),
        (5, 0, 1),
        (5, 0, -1),
        (-3, 10, 4),
        (0, 2**62, 2**60),
        (2**59, 2**60, 2**58),
        (-(2**60), 2**60, 2**59),
        (2**63 - 3, 2**63 + 2, 1),
        (2**80, 2**81, 2**79),
        (0, 2**100, 2**98),
        (True, 4, True),
        (Int(1), Int(9), Int(3)),
        (Index(1), Index(9), Index(4)),
    ]:
        print(start if type(start) is int else type(start).__name__, of(start, stop, step))
    for values in [
        [3, 2**70, 4, -1, 2**61, 5],
        [3, 2.5, 4],
        [2, True, Int(3), Index(2), Index(None), None, "x", 6],
    ]:
        seen = parts_change(1200, values)
        print(seen[0], [b for a, b in zip(seen, seen[1:]) if a != b], len(seen))
    print(zero_step(1500))
    print(leaves_nothing(3000))
    print(shadowed(1500, range))
    print(shadowed(1500, lambda n: [n, n]))
    print(type(iter(range(3))), type(iter(range(2**70))), iter(range(4)).__reduce__())


main()
