# A local changes int to float to int, bool to int, in the middle of hot loops; loops run again with other types.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def switch(n, at, back):
    x = 1
    for i in range(n):
        x = x + 2
        if i == at:
            x = x + 0.5
        if i == back:
            x = int(x)
    return x, type(x).__name__


def scaled(n, k):
    x = k
    for i in range(n):
        x = x + k
    return x, type(x).__name__


def cond_float(n):
    t = 0
    for i in range(n):
        if i % 100 == 99:
            t += 0.25
        else:
            t += 1
        if i % 400 == 399:
            t = int(t)
    return t, type(t).__name__


def bool_to_int(n):
    b = True
    for i in range(n):
        if i < n - 50:
            b = not b
        else:
            b = b + 1
    return b, type(b).__name__


def returns_bool(n):
    last = None
    for i in range(n):
        last = i > 10
        if i == n - 1:
            last = i
    return last, type(last).__name__


def args(a, b, n):
    t = a
    for i in range(n):
        t = t * b
        t = t - i
        if t > 1000 or t < -1000:
            t = a
    return t, type(t).__name__


print(switch(6000, 3000, 4500), switch(6000, 5999, -1), switch(6000, -1, -1), switch(6000, 0, 5000))
print([scaled(6000, k) for k in (1, 0.5, True, 2**62, -3, 1e308, 10**20)])
print(cond_float(6000), bool_to_int(6000), returns_bool(6000))
print([args(a, b, 6000) for a, b in ((1, 2), (1.5, 2), (1, 2.5), (True, 3), (2, True), (-1, -1), (0.1, 0.1))])


def phases(n):
    out = []
    x = 0
    for phase in range(6):
        if phase == 1:
            x = 0.5
        elif phase == 2:
            x = True
        elif phase == 3:
            x = 2**70
        elif phase == 4:
            x = -0.0
        elif phase == 5:
            x = 7
        for i in range(n):
            x = x + 1
        out.append((x, type(x).__name__))
    return out


print(phases(3000))


def alternate(n):
    x = 0
    y = 0.0
    for i in range(n):
        x, y = y, x
        x = x + 1
    return x, y


print(alternate(6001))
