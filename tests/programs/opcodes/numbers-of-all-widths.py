# Sums, products and comparisons of ints of one to six digits, bools and floats, in all pairs.
# contract: 1
import hashlib
import random

random.seed(7)
inf = float("inf")
values = [0, 1, -1, True, False, 0.0, -0.0, 0.5, -0.5, 1.0, inf, -inf, float("nan"), 1e-300, 1e300]
values += [-5, -6, 256, 257, 10**21, 1e21, 2**53 + 1]
for bits in (30, 53, 60, 62, 63, 89, 90, 119, 120, 121, 150):
    values += [2**bits - 1, 2**bits, -(2**bits), 1 - 2**bits, 2.0**bits, -(2.0**bits)]
for _ in range(30):
    sign = random.choice((1, -1))
    values.append(sign * random.getrandbits(random.randrange(1, 160)))
    values.append(float(sign * random.getrandbits(random.randrange(1, 150))))


def both(a, b):
    found = [a < b, a <= b, a == b, a != b, a > b, a >= b, a + b, a - b, a * b]
    x = a
    x += b
    x -= a
    x *= b
    found.append(x)
    if a < b:
        found.append("less")
    if a >= b:
        found.append("not less")
    if a == b:
        found.append("equal")
    return [(type(value).__name__, value) for value in found]


def ints(numbers):
    for a in numbers:
        for b in numbers:
            yield a + b, a - b, a * b, a < b, a == b


def total(start, step):
    x = start
    for i in range(-3000, 6000, step):
        x += i * i * i
        x -= i << 40
    return x


digest = hashlib.sha256()
for a in values:
    for b in values:
        digest.update(repr(both(a, b)).encode())
exact = [value for value in values if type(value) is int]
for _ in range(3):
    digest.update(repr(list(ints(exact))).encode())
print(digest.hexdigest())
for bits in (0, 30, 60, 90, 120, 149):
    print(total(2**bits - 100, 1), total(-(2**bits), 7))
