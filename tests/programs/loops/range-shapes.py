# for over range: every step sign, zero length, huge bounds and steps, bools and __index__, loop variable after.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def total(*a):
    t = 0
    c = 0
    i = "unset"
    for i in range(*a):
        t += i
        c += 1
        if c >= 7000:
            break
    else:
        t += 1000000
    return t, c, i


class Ix:
    def __init__(self, v):
        self.v = v

    def __index__(self):
        return self.v


m = 2**63 - 1
for a in (
    (6000,), (0,), (-5,), (1,), (5, 6000), (5, 5), (5, 4), (6000, 0, -1), (0, 6000, -1), (0, 60000, 9), (60000, -60000, -17), (0, 10, 100), (10, 0, -100),
    (-3000, 3000), (m - 6000, m), (m - 6000, m + 1), (m, m + 6000), (-m - 1, -m + 6000), (-m + 6000, -m - 1, -1), (-m - 2, -m), (0, m, m // 3), (0, m, m), (-m - 1, m, m), (m, -m - 1, -m),
    (2**62, 2**64, 2**61), (2**70,), (2**70, 2**70 + 6000), (-(2**70), 0, 2**66), (0, 2**31, 2**20), (2**30 - 10, 2**30 + 10), (True,), (False, True), (Ix(6000),), (0, Ix(12000), Ix(2)), (m - 1, m), (m,),
):
    shown = [x.v if isinstance(x, Ix) else x for x in a]
    try:
        print(shown, total(*a))
    except OverflowError as e:
        print(shown, e)
for a in ((0, 5, 0), (1.5,), ("a",), (None,), (1, 2, 3, 4), ()):
    try:
        total(*a)
    except (TypeError, ValueError) as e:
        print(a, e)


def nested(n):
    t = 0
    for i in range(n):
        for j in range(i, -1, -7):
            for k in range(j % 3):
                t += i - j + k
    return t, i, j


print(nested(150))


def assigned(n):
    t = 0
    for i in range(n):
        t += i
        i = i * 2
        t += i
        i = "changed"
    return t, i


print(assigned(6000))


def reused(n):
    r = range(n)
    t = 0
    for i in r:
        t += i
    for i in r:
        t -= i * 2
    for i in reversed(r):
        t += i
    return t, i, len(r), r[-1]


print(reused(6000))
