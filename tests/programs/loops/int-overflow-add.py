# Ints grow past 2**63 in both directions by addition and subtraction inside a hot loop, and come back.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def up(n, start, step):
    x = start
    for i in range(n):
        x = x + step
    return x


def down(n, start, step):
    x = start
    i = 0
    while i < n:
        x -= step
        i += 1
    return x


def pingpong(n):
    x = 2**63 - 3000
    d = 1
    top = 2**63 + 2500
    bottom = 2**63 - 5000
    turns = 0
    for i in range(n):
        x += d
        if x > top:
            d = -3
            turns += 1
        elif x < bottom:
            d = 2
            turns += 1
    return x, d, turns


def fib(n):
    a = 0
    b = 1
    for i in range(n):
        a, b = b, a + b
        if b > 10**40:
            a, b = 0, 1
    return a, b


for start in (0, 2**62, 2**63 - 5000, 2**63 - 1, -(2**63), -(2**63) + 5000, 2**30 - 2, -(2**30), 2**60 - 7, 2**64, 2**120):
    for step in (1, -1, 2**31, -(2**40), 2**62, 0):
        r = up(6000 if step == 1 else 700, start, step)
        s = down(6000 if step == 1 else 700, start, step)
        print(start, step, r, s, type(r).__name__)
print(pingpong(30000), fib(7000))


def exact_edge(n):
    edge = 2**63 - 1
    x = edge - n
    hits = 0
    for i in range(n + 3):
        if x == edge:
            hits += 1
        if x == edge + 1:
            hits += 10
        x += 1
    y = -(2**63) + n
    for i in range(n + 3):
        if y == -(2**63):
            hits += 100
        if y == -(2**63) - 1:
            hits += 1000
        y -= 1
    return hits, x, y


print(exact_edge(6000))
