"""Loops of which one depends on integers that do not wrap around, and that only after it has been compiled."""


def counts(n):
    s = 0
    for i in range(n):
        s += i & 7
    return s


def wraps(n):
    s = 0
    for i in range(n):
        s = (s + i * i * 0x10000000) % 1000003
    return s


def mixes(n):
    s = 1.5
    for i in range(n):
        s = s * 0.5 + i
    return s


for function in (counts, wraps, mixes):
    print(function.__name__, function(200_000))
