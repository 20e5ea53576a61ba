# Loops and functions with more branches than fit one tree: side traces are compiled alone, come back to the header, raise, and return;
# what comes back often is compiled as one after all.
# contract: 1, 3
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_TREE_LENGTH=40
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# expect: bridges_compiled>=4
# expect: trees_merged>=1
import sys


class Shape:
    def __init__(self, size):
        self.size = size


class Square(Shape):
    def area(self):
        return self.size * self.size


class Line(Shape):
    def area(self):
        return 0


class Disc(Shape):
    def area(self):
        return 3.14 * self.size * self.size


class Odd(Shape):
    def area(self):
        if self.size == 7:
            raise ValueError(self.size)
        return -self.size


def branches(n, limit):
    total = 0
    half = 0.5
    seen = []
    step = 1
    for i in range(n):
        if i % 7 == 0:
            total += limit
        elif i % 7 == 1:
            total -= step
            seen.append(i)
        elif i % 7 == 2:
            half += 0.25
        elif i % 7 == 3:
            step = i
        elif i % 7 == 4:
            half = half * 0.5 + total % 3
        elif i % 7 == 5:
            seen.pop()
        else:
            total = total ^ 5
    return total, half, step, seen[-3:]


def areas(shapes):
    total = 0
    failed = 0
    for shape in shapes:
        try:
            total += shape.area()
        except ValueError as error:
            failed += error.args[0]
    return total, failed


def kind(value):
    if value < 3:
        return "few"
    if value < 6:
        return [value]
    if value % 2:
        return value * 2.5
    if value % 3 == 0:
        return None
    return value


def identity(n):
    kept = 1000.5
    same = kept
    results = set()
    for i in range(n):
        if i % 3 == 0:
            results.add(kept is same)
        elif i % 3 == 1:
            results.add(i % 5)
        else:
            results.add(str(i % 4))
    return sorted(map(str, results)), kept is same


shapes = [[Square, Line, Disc, Odd][i * i % 7 % 4](i % 9) for i in range(60)]
for _ in range(60):
    result = branches(300, 11), areas(shapes), [kind(i) for i in range(12)], identity(90)
print(result)
print([sys.getrefcount(shape) for shape in shapes[:4]], sys.getrefcount(shapes))
