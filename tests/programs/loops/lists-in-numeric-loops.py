# Loops mixing numeric locals with list, tuple, str and dict elements: aborted or compiled, results agree.
# contract: 1
def sieve(n):
    flags = [True] * n
    flags[0] = flags[1] = False
    i = 2
    while i * i < n:
        if flags[i]:
            for j in range(i * i, n, i):
                flags[j] = False
        i += 1
    return sum(flags)


def bubble(n):
    l = [(i * 7919) % n for i in range(n)]
    for i in range(n):
        for j in range(n - 1 - i):
            if l[j] > l[j + 1]:
                l[j], l[j + 1] = l[j + 1], l[j]
    return l == sorted(l)


def dot(n):
    a = [i * 0.5 for i in range(n)]
    b = [float(i % 7) for i in range(n)]
    t = 0.0
    for i in range(n):
        t += a[i] * b[i]
    return t


def matmul(n):
    a = [[i + j for j in range(n)] for i in range(n)]
    c = [[0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            s = 0
            for k in range(n):
                s += a[i][k] * a[k][j]
            c[i][j] = s
    return sum(map(sum, c))


def hist(n):
    d = {}
    for i in range(n):
        k = i * i % 37
        d[k] = d.get(k, 0) + 1
    return sorted(d.items())[:5], len(d)


def text(n):
    c = 0
    s = "the quick brown fox" * 20
    for ch in s:
        if ch == "o":
            c += 1
    h = 0
    for ch in s * (n // 400):
        h = (h * 31 + ord(ch)) & 0xFFFFFFFF
    return c, h


def enum(n):
    t = 0
    for i, v in enumerate(range(n, 0, -1)):
        t += i * v
    for a, b in zip(range(n), range(0, 2 * n, 2)):
        t -= a * b % 7
    return t


def mixed_list(n):
    l = [1, 2.5, True, 2**65, -3] * (n // 5)
    t = 0
    for v in l:
        t += v
    c = 0
    for v in l:
        if v > 1:
            c += 1
    return t, c


def index_error(n):
    l = list(range(n))
    t = 0
    i = 0
    try:
        while True:
            t += l[i]
            i += 1
    except IndexError as e:
        return t, i, str(e)


def knapsack(n):
    w = [3, 4, 5, 9, 14]
    v = [3, 4, 4, 10, 15]
    best = [0] * (n + 1)
    for i in range(5):
        for c in range(n, w[i] - 1, -1):
            cand = best[c - w[i]] + v[i]
            if cand > best[c]:
                best[c] = cand
    return best[n]


for f, n in ((sieve, 6000), (bubble, 80), (dot, 6000), (matmul, 18), (hist, 6000), (text, 6000), (enum, 6000), (mixed_list, 6000), (index_error, 6000), (knapsack, 1500)):
    print(f.__name__, f(n))
