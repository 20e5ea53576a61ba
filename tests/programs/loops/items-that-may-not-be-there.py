# Loops look at an item whose place changes in each round, and then at one whose place does not. The latter is looked at
# once, before the loop, but not if it is not there.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=2


def rounds(items, n):
    total = 0
    for i in range(n):
        try:
            total += items[i & 1]
            total += items[0]
        except IndexError:
            total += 100
    return total


def outer_rounds(items, n):
    total = 0
    for i in range(n):
        for j in range(3):
            try:
                total += items[j & 1]
                total += items[i & 1]
                total += items[0]
            except IndexError:
                total += 100
    return total


for function in rounds, outer_rounds:
    for items in [1, 2], (1, 2):
        for n in range(150):
            function(items, 30)
        print(function(items, 30), function(items[:1], 30), function(items[:0], 30))
