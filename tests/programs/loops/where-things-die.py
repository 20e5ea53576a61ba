# The line at which the program is, for a finalizer that runs as a jump, a loop's end or a store in hot code gives up the last
# reference.
# contract: 2 4
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=6
import sys

seen = []


class Loud:
    def __del__(self):
        frame = sys._getframe(1)
        seen.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))


class Empty(Loud):
    def __bool__(self):
        return False


def stores(n):
    x = None
    for i in range(n):
        x = Loud() if i % 40 == 39 else i
        box[0] = Loud() if i % 30 == 29 else i
        holder.value = Loud() if i % 20 == 19 else i
        box[0] = None
    x = None


def jumps(n):
    count = 0
    for i in range(n):
        if Loud() if i % 40 == 39 else i % 3:
            count += 1
        if Empty() if i % 30 == 29 else i % 5:
            count += 2
        while Empty() if i % 20 == 19 else False:
            count += 3
        count += 4 if (Loud() if i % 25 == 24 else None) is None else 5
    return count


def ends(n):
    for i in range(n):
        for _ in [Loud() if i % 40 == 39 else 0] * 3:
            _ = None
        for _, __ in enumerate([Loud() if i % 30 == 29 else 0] * 12):
            _ = __ = None
        for _ in zip([1, 2], (Loud() if i % 20 == 19 else 1, 2)):
            _ = None
        for _ in {Loud() if i % 25 == 24 else 1: 2}:
            _ = None


def called(x):
    y = x
    x = None
    return 1 if y else 0


def calls(n):
    total = 0
    for i in range(n):
        total += called(Loud() if i % 40 == 39 else i)
        len([Loud() if i % 30 == 29 else i])
    return total


class Holder:
    value = None


holder = Holder()
box = [None]


def main():
    for function in stores, jumps, ends, calls:
        del seen[:]
        print(function.__name__, function(400), len(seen), sorted(set(seen)))
        print(seen)


main()
