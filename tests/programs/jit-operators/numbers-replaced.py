# Numbers in lists and attributes that are replaced round by round: their memory is used again only if nobody else has them.
# contract: 1 2
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=20
import tracemalloc


class Body:
    def __init__(self, x, n):
        self.x = x
        self.n = n


class Slotted:
    __slots__ = "x", "n"

    def __init__(self, x, n):
        self.x = x
        self.n = n


def items(values, step, n):
    for i in range(n):
        values[0] += step
        values[1] -= step * i
        values[2] = values[0] + values[1]
    return values


def attributes(body, n):
    for i in range(n):
        body.x += 0.5
        body.n += 3
        body.x = body.x * 1.0001
    return body.x, body.n


def shared(n):
    one, other = [0.5, 1000.5, 700], [0.0, 0.0, 0]
    kept = []
    for i in range(n):
        if i % 97 == 0:
            kept.append(one[0])
            other[0] = one[0]
            other[2] = one[2]
        one[0] += 0.25
        one[2] += 1
        x = one[0]
        one[0] -= 1.0
        other[1] = x
        one[1] = one[1] + x - one[0]
    return one, other, kept


def the_same_list_twice(n):
    a = [1.5, 2.5]
    b = a
    for i in range(n):
        x = a[0]
        b[0] += 2.0
        a[0] = a[0] - x + b[1]
        b[1] = x
    return a, x


def around_zero(n):
    counts = [0, -3000, 2**30 - 500, -(2**30) + 500, 250, 2**62 - 900]
    for i in range(n):
        counts[0] += 1 if i & 1 else -1
        counts[1] += 3
        counts[2] += 1
        counts[3] -= 1
        counts[4] += 1
        counts[5] += 1
    return counts, counts[0] is (n % 2) - 1 + 1, counts[1]


def small_ones_stay(n):
    count = [300]
    small = 256
    for i in range(n):
        count[0] -= 1
        if count[0] < 200:
            count[0] = 300
        if count[0] == 256:
            assert count[0] is small
    return count, [250 + i for i in range(10)]


def exchanged(n):
    v = [1.0, 2.0, 3000]
    for i in range(n):
        v[0], v[1] = v[1] + 1.0, v[0] * 0.5
        v[2], w = v[2] + 1, v[2]
    return v, w


def constants(n):
    v = [2.5, 2.5, 12345]
    for i in range(n):
        v[0] = 2.5
        v[2] = 12345
        v[0] += 1.0
        v[1] = v[0]
        v[2] += 1
        v[1] *= 2.0
    return v, 2.5, 12345


def watched(n):
    tracemalloc.start()
    v = [1.0, 100000]
    for i in range(n):
        v[0] += 1.0
        v[1] += 1
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return v, size > 0


class Loud(float):
    def __del__(self):
        print("gone", float(self))


def subclasses(n):
    v = [Loud(1.0), True, 5000]
    for i in range(n):
        v[0] += 1.0
        v[1] += 1
        if i == n - 2:
            v[0] = Loud(v[0])
    return v


def main():
    n = 3000
    print(items([0.0, 0.0, 0.0], 1.5, n))
    print(items([0, 0, 0], 2, n))
    print(items([0, 0.5, None], 2, n))
    print(attributes(Body(0.0, 0), n), attributes(Slotted(0.0, 2**29), n))
    one, other, kept = shared(n)
    print(one, other, kept[:3], kept[-2:], len(set(map(id, kept))))
    print(the_same_list_twice(n))
    print(around_zero(n))
    print(small_ones_stay(n))
    print(exchanged(n))
    print(constants(n))
    print(watched(n))
    print(subclasses(n))
    print(items([float("inf"), float("nan"), -0.0], -0.0, n))


main()
