# isinstance, with a tuple that is made for it and gone after it, and the truth of objects of ever more classes.
# contract: 1 7
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1, side_traces>=1
from collections import deque


class A:
    pass


class B:
    pass


class C:
    pass


class Empty:
    def __len__(self):
        return 0


class Changing:
    asked = 0

    def __bool__(self):
        Changing.asked += 1
        return Changing.asked % 3 == 0


class Disguised:
    @property
    def __class__(self):
        return A


def is_wanted(value):
    return isinstance(value, (A, B, C))


def count(values, rounds):
    total = 0
    for i in range(rounds):
        if is_wanted(values[i % len(values)]):
            total += 1
    return total


def truths(values, rounds):
    total = 0
    for i in range(rounds):
        if values[i % len(values)]:
            total += 1
        if not values[(i + 1) % len(values)]:
            total += 1000
    return total


others = [type(f"Other{i}", (), {})() for i in range(6)]
values = [A(), B(), C(), *others]
for n in range(20):
    if count(values, 900) != 300:
        print("wrong", n)
    # What the memory of the tuple may be used for.
    kept = [(str, int, type(others[i % 6])) for i in range(1000)]
print(count(values + [1, "", None, 2.5, True, int], 900))
print(count(values + [Disguised()], 900))

sized = [deque(), deque([1]), set(), {1}, frozenset(), b"", bytearray(b"1"), {}.keys(), {1: 1}.items()]
for extra in [], sized, [0, 1, 0.0, "", None, True], [Empty()], [Changing()]:
    print(truths(values + extra, 3000))
print(Changing.asked)
queue = deque(range(3000))
steps = 0
while queue:
    steps += queue.popleft()
print(steps)
