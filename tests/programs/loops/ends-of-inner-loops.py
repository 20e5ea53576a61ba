# Long loops in other loops, at whose end something happens: the last reference to what they go over is given up, or somebody
# else has the iterator.
# contract: 1 2 4
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=8
import sys


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        frame = sys._getframe(1)
        gone.append((self.name, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))


gone = []


def last_reference(n):
    total = 0
    for i in range(n):
        for item in [i] * 20 + ([Loud(i)] if i % 50 == 49 else []):
            if type(item) is Loud:
                total += item is not None
                item = None
            total += i
        for item in tuple([i] * 19):
            total -= item
        item = None
    return total


def shared_iterator(n):
    seen = []
    for i in range(n):
        items = [1] * 20
        it = iter(items)
        total = 0
        for item in it:
            total += item
        items.append(5)
        seen.append((total, next(it, None)))
        numbers = iter(range(15))
        for item in numbers:
            total += item
        seen.append((total, next(numbers, "none")))
    return seen[-4:], len(set(seen))


def grows(n):
    longest = 0
    for i in range(n):
        items = [1] * 12
        for item in items:
            if len(items) < 12 + i % 9:
                items.append(2)
            longest += item
    return longest


def with_else(n):
    total = 0
    for i in range(n):
        for j in range(14):
            if j * i == 91 * 13:
                break
            total += j
        else:
            total += 1000
        for j in reversed(range(12)):
            total -= j
    return total




def main():
    print(last_reference(600), gone, len(gone))
    print(shared_iterator(600))
    print(grows(600))
    print(with_else(600))
    space = {}
    source = "def long_jumps(n):\n    total = 0\n    for i in range(n):\n        for j in range(16):\n"
    source += "            total += j\n            if j == 77:\n" + "                total += i * j + 1\n" * 60
    exec(source + "    return total\n", space)
    print(space["long_jumps"](600))


main()
