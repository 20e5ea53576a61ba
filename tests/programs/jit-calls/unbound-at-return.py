# Functions that return with different local variables bound; some of those hold what runs code when it dies, and looks at the frames.
# contract: 1, 2, 4
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# env: PYRT_JIT_ENTRY_THRESHOLD=10
# expect: traces>=2
import sys


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        died.append((self.n, sys._getframe(1).f_code.co_name))


died = []


def some(n):
    if n % 3 == 0:
        a = Noisy(n)
    if n % 4 == 0:
        b = [n]
    if n % 5 == 0:
        c = Noisy(-n)
        d = c
    for i in range(n % 7):
        e = i
    if n % 2:
        return n
    f = n


def nested(items):
    for item in items:
        if item == 3:
            x = Noisy(item)
        elif item > 5:
            return item
    y = items


print(sum(some(n) or 0 for n in range(200)))
print(died)
died.clear()
for n in range(150):
    nested([1, 3] if n % 3 else [2, 4, 6] if n % 2 else [3, 7])
    died.append(n)
print(died)


def inner(n):
    x = Noisy(n)
    y = [Noisy(-n)]
    return n


def generator(n):
    x = Noisy(n)
    yield n
    y = [x, Noisy(-n)]


class Setup:
    def __init__(self, n):
        x = Noisy(n)
        self.n = n


def inlined(rounds):
    total = 0
    for n in range(rounds):
        total += inner(n)
        died.append("called")
        for m in generator(n):
            total += m
        died.append("resumed")
        total += Setup(n).n
        died.append("made")
    return total


died.clear()
print(inlined(60))
print(died)
