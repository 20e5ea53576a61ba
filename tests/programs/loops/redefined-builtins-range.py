# range, len and int rebound while loops that use them are hot; iterators of user classes replace ranges.
# contract: 7
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import builtins


class Countdown:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        self.n -= 1
        if self.n < 0:
            raise StopIteration
        return self.n


def total(n):
    t = 0
    for i in range(n):
        t += i * 2
    return t


def outer(n):
    t = 0
    for k in range(n):
        for i in range(10):
            t += i
        if k == 500:
            globals()["range"] = lambda m: builtins.range(m // 2)
        if k == 600:
            del globals()["range"]
        if k == 700:
            globals()["range"] = Countdown
        if k == 750:
            globals()["range"] = lambda m: [0.5] * m
        if k == 800:
            del globals()["range"]
    return t


print(total(6000))
range = Countdown
print(total(6000))
range = lambda n: [1, 2.5, n]
print(total(6000))
del range
print(total(6000))
saved = builtins.range
builtins.range = lambda *a: saved(3)
print(total(6000))
builtins.range = saved
print(total(6000))
print(outer(1000))


def casts(n):
    t = 0
    for i in range(n):
        t += int(i * 0.5) + float(i) + bool(i) + abs(-i)
        if i == n - 100:
            globals()["int"] = lambda v: 1000
        if i == n - 50:
            globals()["abs"] = lambda v: -1
    del globals()["int"], globals()["abs"]
    return t


print(casts(6000))
N = 10


def global_bound(n):
    i = 0
    t = 0
    while i < N * n:
        i += 1
        t += STEP
        if i == 5500:
            globals()["STEP"] = 0.5
        if i == 5600:
            globals()["N"] = 9
    return i, t


STEP = 1
print(global_bound(700))
