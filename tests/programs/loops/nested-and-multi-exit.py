# Nested hot loops with breaks, continues, else clauses, shared counters and returns from the innermost.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def matrix(n):
    t = 0
    for i in range(n):
        for j in range(n):
            for k in range(n):
                t += i * j - k
    return t, i, j, k


def triangle(n):
    t = 0
    for i in range(n):
        for j in range(i):
            if j > 40:
                break
            if j % 2:
                continue
            t += j
        else:
            t += 1000000
    return t


def primes(n):
    c = 0
    last = 0
    for p in range(2, n):
        d = 2
        while d * d <= p:
            if p % d == 0:
                break
            d += 1
        else:
            c += 1
            last = p
    return c, last


def find(n):
    for a in range(1, n):
        for b in range(a, n):
            c = 1
            while c < n:
                if a * a + b * b == c * c and a + b + c == 120:
                    return a, b, c
                c += 1


def inner_changes_outer(n):
    i = 0
    t = 0
    while i < n:
        j = 0
        while j < 5:
            j += 1
            i += 1
            t += i * j
        i -= 3
    return i, j, t


def float_inner(n):
    s = 0.0
    for i in range(n):
        x = i * 0.01
        k = 0
        while x < 2.0 and k < 30:
            x = x * x + 0.3
            k += 1
        s += k
    return s


def mandel(w, h, limit):
    inside = 0
    total = 0
    for py in range(h):
        y0 = py * 2.0 / h - 1.0
        for px in range(w):
            x0 = px * 3.0 / w - 2.0
            x = y = 0.0
            it = 0
            while x * x + y * y <= 4.0 and it < limit:
                x, y = x * x - y * y + x0, 2.0 * x * y + y0
                it += 1
            total += it
            if it == limit:
                inside += 1
    return inside, total


def two_sequential(n):
    t = 0
    for i in range(n):
        t += i
    for i in range(n, 0, -1):
        t -= i
    while t < n:
        t += 7
    return t, i


def deep(n):
    t = 0
    for a in range(n):
        for b in range(n):
            for c in range(n):
                for d in range(n):
                    for e in range(n):
                        t += a ^ b ^ c ^ d ^ e
                        if t % 1000 == 999:
                            break
                    else:
                        continue
                    break
    return t


print(matrix(20), triangle(200), primes(2500), find(60), inner_changes_outer(6000), float_inner(400), mandel(30, 20, 40), two_sequential(6000), deep(6))
