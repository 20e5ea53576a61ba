# Items of bytearrays, and sequences made of others: values, errors, sharing, references.
# contract: 1 2 3
# expect: traces>=1
import gc
import sys
import tracemalloc


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def mark(array, indices, value):
    for index in indices:
        array[index] = value
    return array


def total(array, rounds):
    result = 0
    for n in range(rounds):
        result += array[n % len(array)] + array[-1 - n % len(array)]
    return result


print(sum(mark(bytearray(300), list(range(300)) * 10, 7)))
print(total(bytearray(range(256)), 4000), total(b"abc", 1000))
for bad in ([0, 5, 10], [0, -10, -11], [0, 2**70], ["x"], [True, 2]):
    print(bad, attempt(mark, bytearray(10), [1] * 60 + bad, 3))
for value in (255, 256, -1, 2**65, True, 1.0, "x", None):
    array = bytearray(4)
    print(repr(value), attempt(mark, array, [1, 2] * 40, value), array)
held = bytearray(b"abcd")
view = memoryview(held)
mark(held, [0, 3] * 40, 65)
print(view.tobytes(), attempt(held.append, 1))


class Own(bytearray):
    def __getitem__(self, index):
        return 1000

    def __setitem__(self, index, value):
        print("set", index) if index == 3 else None


print(total(Own(b"abc"), 100), mark(Own(b"abc"), [1, 3], 9))


def joined(parts, start, rounds):
    result = start
    for n in range(rounds):
        result = result + parts[n % len(parts)]
        if len(result) > 100:
            result = start
    return result


print(joined([b"a", b"", b"xyz"], b"", 3000))
print(joined([[1], [], [2, 3]], [], 3000))
print(joined([(1,), (), ("x", None)], (), 3000))
print(attempt(joined, [[1]] * 3 + [(2,)], [], 60))
print(attempt(joined, [b"a"] * 3 + ["b"], b"", 60))


def repeated(rounds):
    seen = []
    for n in range(rounds):
        seen = [n] * 3 + [None] * (n % 4) + (2 * [0])
        pair = (n,) * 2 + ("x",) * (n % 3 - 1)
        text = b"ab" * (n % 3) + 2 * b"."
    return seen, pair, text


print(repeated(3000))


def grown(rounds):
    items, alias = [0], None
    for n in range(rounds):
        if n % 50 == 0:
            items = [n]
            alias = items
        items += [n, n + 1]
        items *= 1
    return items is alias, len(items), items[-3:]


print(grown(2020))


def kept(item, rounds):
    last = None
    for _ in range(rounds):
        last = [item] * 4 + [item]
        other = (item,) + (item,)
    return sys.getrefcount(item), len(last), len(other)


print(kept(object(), 2000))


def same(rounds):
    pair = (1, "x")
    shared = 0
    for _ in range(rounds):
        shared += (pair + ()) is pair
        shared += (pair * 1) is pair
    return shared


print(same(2000))


class Loop:
    made = 0

    def __del__(self):
        Loop.made += 1


def cycles(rounds):
    """The collector runs as often as without a trace."""
    log = []
    gc.callbacks.append(lambda phase, info: log.append(info["generation"]) if phase == "start" else None)
    keep = []
    for n in range(rounds):
        keep = [n] * 2 + [keep]
        if n % 3000 == 0:
            keep = []
    gc.callbacks.pop()
    return len(log), log[:12]


gc.collect()
print(cycles(20000))
tracemalloc.start()
before = tracemalloc.get_traced_memory()[0]
result = [joined([[1], [2, 3]], [], 3000) for _ in range(3)]
print(tracemalloc.get_traced_memory()[0] - before < 5000, tracemalloc.get_object_traceback(result[0]) is not None)
tracemalloc.stop()


# Iterators are their own iterators.
def consume(make, rounds):
    log = []
    for n in range(rounds):
        iterator = iter(make())
        for item in iterator:
            if item == 2:
                break
        log.append(sum(1 for _ in iterator))
    return log[-1], len(log)


for make in (lambda: [1, 2, 3, 4], lambda: reversed([4, 3, 2, 1]), lambda: map(abs, [-1, 2, 5]), lambda: range(1, 9), lambda: zip([1, 2]), lambda: (x for x in (1, 2, 3)), lambda: filter(None, (1, 2, 0, 7))):
    print(consume(make, 1200))
