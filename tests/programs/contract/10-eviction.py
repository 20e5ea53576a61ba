# With little memory for code, what is hot now is compiled, in place of what was hot before.
# contract: 10
# env: PYRT_JIT_MEMORY=64
# env: PYRT_JIT_LOOP_THRESHOLD=40
# env: PYRT_JIT_ENTRY_THRESHOLD=40
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_COMPILE_SHARE=0
# expect: trees_evicted>=20, traces>=30, code_bytes_peak<=65536


def make(k):
    ns = {}
    exec(
        f"""
def f(n):
    t, x = {k}, 0.5
    for i in range(n):
        t = (t * {2 * k + 1} + i) & 0xFFFFFF
        if t & {1 << k % 20}:
            x += 0.5
        else:
            x -= 0.25
    return t, x

def g(a, b={k}):
    c = a * b + {k}
    d = [a, b, c]
    d.append(c - a)
    return sum(d) + len(d)
""",
        ns,
    )
    return ns["f"], ns["g"]


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("gone:", self.name)


# One phase after the other: each makes the trees of those before it useless.
pairs = [make(k) for k in range(60)]
for phase in range(3):
    total = 0
    for f, g in pairs:
        for _ in range(4):
            t, x = f(120)
            total = (total * 31 + t + int(x * 4)) % (2**61 - 1)
        for a in range(150):
            total += g(a)
    print(phase, total)


# Code that dies while others look for room.
for k in range(60, 100):
    f, g = make(k)
    f(200)
    for a in range(60):
        g(a)
    del f, g


# A loop that runs while all others are compiled keeps its tree, and its frame.
def outer(n):
    held = Noisy("held by a running loop")
    total = 0
    for i in range(n):
        f, g = pairs[i % len(pairs)]
        total += f(90)[0] + g(i) + len(held.name)
        if i == n - 1:
            raise KeyError(i, total)
    return total


try:
    outer(240)
except KeyError as error:
    print(error.args, error.__traceback__.tb_next.tb_lineno)


def recurse(n, acc):
    f, g = pairs[n % len(pairs)]
    total = f(80)[0] + g(n)
    acc.append(total)
    return total + (recurse(n - 1, acc) if n else 0)


acc = []
print(recurse(150, acc), len(acc))
