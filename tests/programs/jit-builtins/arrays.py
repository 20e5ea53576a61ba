# Items of array.array: all type codes, indices from both ends, and what changes under a loop.
# contract: 1 3 7
# expect: traces>=1
from array import array


def total(numbers, rounds):
    result = 0
    for n in range(rounds):
        result += numbers[n % 5] + numbers[-1 - n % 5]
    return result


def fill(numbers, rounds, value):
    for n in range(rounds):
        numbers[n % 5] = value
        numbers[-1] = numbers[n % 3]
    return numbers


for code in "bBhHiIlLqQfd":
    print(code, total(array(code, [1, 2, 3, 120, 5]), 4000))
    print(code, fill(array(code, range(9)), 4000, 7))
for code in "iIlqQ":
    edges = array(code, [2 ** (8 * array(code).itemsize - 1) - 1] * 5)
    print(code, total(edges, 4000))
for code in "ilq":
    edges = array(code, [-(2 ** (8 * array(code).itemsize - 1))] * 5)
    print(code, total(edges, 4000))
print(fill(array("d", range(9)), 4000, 2.5), fill(array("q", range(9)), 4000, True))
print(fill(array("d", range(9)), 4000, 2**60 + 1), fill(array("d", range(9)), 4000, False))

# Kinds that take turns, and other sequences.
kinds = [array("d", range(5)), array("q", range(5)), array("i", range(5)), list(range(5)), range(5)]
for turn in range(3):
    print([total(numbers, 3000) for numbers in kinds])


class Own(array):
    def __getitem__(self, index):
        return 1


print(total(Own("d", range(5)), 3000), total(array("d", range(5)), 3000))


# What raises.
def failing(act, *arguments):
    try:
        act(*arguments)
    except Exception as error:
        print(type(error).__name__, error)


def up_to(numbers, end):
    result = 0
    for n in range(end):
        result += numbers[n]
    return result


def down_to(numbers, end):
    for n in range(end):
        numbers[-1 - n] = 1
    return numbers


failing(up_to, array("d", range(4000)), 5000)
failing(down_to, array("q", range(4000)), 5000)
failing(fill, array("d", range(9)), 4000, "text")
failing(fill, array("q", range(9)), 4000, 1.5)
failing(fill, array("q", range(9)), 4000, 2**63)
failing(fill, array("i", range(9)), 4000, 2**31)


def change(numbers, rounds, when, act):
    result = 0
    for n in range(rounds):
        if n == when:
            act(numbers)
        result += numbers[n % 5]
        numbers[3] = numbers[n % 5]
    return result, numbers[:8]


acts = [
    lambda numbers: numbers.extend([4] * 4000),
    lambda numbers: memoryview(numbers).cast("B").__setitem__(slice(8, 16), bytes(8)),
    lambda numbers: numbers.reverse(),
    lambda numbers: numbers.__setitem__(slice(0, 2), array(numbers.typecode, [9] * 3)),
    lambda numbers: numbers.pop(),
]
for code in "dq":
    for act in acts:
        print(change(array(code, range(6)), 5000, 4500, act))
    failing(change, array(code, range(5)), 5000, 4500, lambda numbers: numbers.pop())
    failing(change, array(code, range(5)), 5000, 4500, lambda numbers: numbers.__delitem__(slice(None)))

# Each reading of a NaN is another object.
nan = array("d", [float("nan")] * 5)


def same(numbers, rounds):
    count = 0
    for n in range(rounds):
        one, other = numbers[1], numbers[1]
        count += (one is other) + (one == other)
    return count


print(same(nan, 4000), same(array("d", [1] * 5), 4000))
