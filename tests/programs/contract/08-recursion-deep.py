# With the limit raised to 10**5, pure Python recursion needs no C stack: functions, methods and closures.
# contract: 8
import sys

sys.setrecursionlimit(10**5 + 500)


def down(n):
    return 0 if n == 0 else 1 + down(n - 1)


def acc(n, t=0):
    if n:
        return acc(n - 1, t + n)
    return t


class T:
    def m(self, n):
        return n if n < 1 else self.m(n - 1) + 1


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


def closure(n):
    def inner(k):
        return 0 if k == n else inner(k + 1) + 1

    return inner(0)


def with_try(n):
    try:
        return 0 if n == 0 else with_try(n - 1) + 1
    finally:
        counts[0] += 1


def with_loop(n):
    t = 0
    for i in range(3):
        t += i
    return t if n == 0 else with_loop(n - 1) + t


def star(*a):
    return 0 if not a[0] else star(a[0] - 1, *a[1:]) + 1


def kwonly(*, n):
    return 0 if n == 0 else kwonly(n=n - 1) + 1


counts = [0]
D = 30000
print(acc(D), T().m(D), even(D), closure(D), with_try(D), counts, with_loop(D), kwonly(n=D))
print(down(99000))


def err(n):
    if n == 0:
        raise KeyError("deep")
    err(n - 1)


try:
    err(50000)
except KeyError as e:
    c = 0
    tb = e.__traceback__
    while tb:
        c += 1
        tb = tb.tb_next
    print(c)
    tb = e = None


def limit(n):
    global reached
    reached = n
    limit(n + 1)


try:
    limit(1)
except RecursionError as e:
    print(reached, e)


def frames(n):
    if n:
        return frames(n - 1)
    f = sys._getframe()
    c = 0
    while f:
        c += 1
        f = f.f_back
    return c


print(frames(50000))


class Tree:
    __slots__ = ("l", "v")

    def __init__(self, l, v):
        self.l, self.v = l, v

    def total(self):
        return self.v if self.l is None else self.v + self.l.total()


t = None
for i in range(30000):
    t = Tree(t, i)
print(t.total())
while t is not None:
    t = t.l
