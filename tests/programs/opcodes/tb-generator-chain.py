# Uncaught error at the bottom of generators, yield from and a comprehension.
# contract: 1
# expect-exit: 1
def bottom(n):
    for i in range(n):
        yield 10 // (n - 1 - i)


def middle(n):
    r = yield from bottom(n)
    return r


def top(n):
    return [x + 1 for x in middle(n)]


print(top(1) if False else "go")
print(sum(v for v in top(6)))
