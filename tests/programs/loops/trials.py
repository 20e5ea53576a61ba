# Loops whose trees are tried against the interpreter, and lose, go on in the middle of what they do.
# contract: 1, 2, 4
# env: PYRT_JIT_STRESS=trials
# env: PYRT_JIT_LOOP_THRESHOLD=30
# env: PYRT_JIT_EXIT_THRESHOLD=20
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_BACKGROUND=0
# expect: trees_retired>=2
import sys


def flips(n):
    """Short loops side by side in one that goes on, which lead to each other."""
    count = list(range(n))
    numbers = list(range(n))
    most = turns = 0
    r = n
    while turns < 400:
        while r != 1:
            count[r - 1] = r
            r -= 1
        if numbers[0]:
            flipped = numbers[:]
            times = 0
            k = flipped[0]
            while k:
                flipped[: k + 1] = flipped[k::-1]
                times += 1
                k = flipped[0]
            most = max(most, times)
        while r != n:
            numbers.insert(r, numbers.pop(0))
            count[r] -= 1
            if count[r] > 0:
                break
            r += 1
        else:
            r = n
        turns += 1
    return most, turns, numbers


class Noted:
    def __init__(self, log, name):
        self.log = log
        self.name = name

    def __del__(self):
        self.log.append(self.name)


def deaths(n):
    """What dies in a round dies in that round."""
    log = []
    for i in range(n):
        kept = Noted(log, i)
        for j in range(i % 4):
            kept = Noted(log, (i, j))
            if j == 2 and i % 3:
                break
        log.append("end")
    return log


def items(groups):
    for group in groups:
        for item in group:
            if item % 5 == 3:
                yield -item
            elif item % 7:
                yield item


def find(groups, wanted):
    """A loop that its function returns from."""
    for at, group in enumerate(groups):
        for item in group:
            if item == wanted:
                return at, item
    return None


def raising(n):
    caught = []
    for i in range(n):
        try:
            for j in range(3):
                if (i + j) % 11 == 0:
                    raise ValueError(i, j)
                if i % 13 == 5:
                    caught.append(sys._getframe().f_lineno)
        except ValueError as error:
            caught.append((error.args, error.__traceback__.tb_lineno))
    return caught


def nested(depth, log):
    for i in range(3):
        log.append((depth, i))
        if depth:
            nested(depth - 1, log)
    return log


for n in 5, 6, 7:
    print(flips(n))
print(deaths(60)[-20:], len(deaths(60)))
groups = [range(k, k + k % 4) for k in range(150)]
print(sum(items(groups)), list(items(groups))[:20])
print([find(groups, wanted) for wanted in (3, 17, 80, 151, 1_000)])
print(raising(120)[:12], len(raising(120)))
print(len(nested(5, [])), nested(3, [])[-5:])
