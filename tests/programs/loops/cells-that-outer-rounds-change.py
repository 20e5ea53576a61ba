# An inner loop reads a variable of a closure that each round of the outer loop changes.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=2
# expect: traces>=2
class Step:
    pass


step = Step()
step.by = 3


def counts(total, steps):
    for each in steps:
        n = 0
        while n < 3 and total >= True:
            n += 1
            if n % 8 == 0:
                print(n)
        total += each.by
    return total, lambda: total


def lists(total, steps):
    for each in steps:
        n = 0
        while n < 4 and total[0] >= 1:
            n += 1
        total[0] += each.by
    return total


for turn in range(6):
    total, get = counts(156, [step] * 15)
    print(turn, total, get(), counts(1000, [step] * 15)[0], lists([5], [step] * (20 + turn)))
