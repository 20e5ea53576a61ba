# One range iterator consumed by two loops, by next() inside the loop, pickled, measured and resumed.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
import pickle


def shared_nested(n):
    it = iter(range(n))
    a = 0
    b = 0
    for x in it:
        a += x
        for y in it:
            b += y
            if y % 5 == 0:
                break
    return a, b, x, y, list(it)


def with_next(n):
    it = iter(range(n))
    t = 0
    c = 0
    for x in it:
        t += x
        if x % 3 == 0:
            c += next(it, -1)
    return t, c


def two_phases(n):
    it = iter(range(n))
    t = 0
    for x in it:
        t += x
        if x == n - 100:
            break
    left = it.__length_hint__()
    rest = list(it)
    return t, x, left, rest[:2], len(rest), next(it, "empty")


def resumed(n):
    it = iter(range(n))
    t = 0
    seen = []
    while True:
        c = 0
        for x in it:
            t += x
            c += 1
            if c == 5000:
                break
        seen.append(c)
        if c < 5000:
            break
    return t, seen


def pickled(n):
    it = iter(range(0, n, 2))
    t = 0
    for x in it:
        t += x
        if x == n - 10:
            s = pickle.dumps(it)
    return t, list(pickle.loads(s))


def length_hints(n):
    it = iter(range(n))
    h = []
    for x in it:
        if x % 1500 == 0:
            h.append(it.__length_hint__())
    return h


def escaped(n):
    it = iter(range(n))
    g = [it]
    t = 0
    for x in it:
        t += x
        if x == 5500:
            next(g[0])
            next(g[0])
    return t


def closure_steals(n):
    it = iter(range(n))

    def steal():
        return next(it, 0)

    t = 0
    for x in it:
        t += x
        if x > n - 50:
            t -= steal()
    return t


def exc_inside(n):
    it = iter(range(n))
    t = 0
    bad = 0
    while True:
        try:
            for x in it:
                t += 10 // (x % 1009)
            break
        except ZeroDivisionError:
            bad += 1
    return t, bad


def same_iter_two_names(n):
    a = b = iter(range(n))
    t = 0
    for x in a:
        for y in b:
            t += x * y
            break
    return t


def changes_kind(n):
    out = []
    for it in (range(n), [1, 2.5, 3], range(n, 0, -1), (1, 2), iter(range(n)), range(2**70, 2**70 + 3), (x for x in range(3)), {5: 6}, b"ab"):
        t = 0
        for x in it:
            t += x
        out.append(t)
    return out


for f in (shared_nested, with_next, two_phases, resumed, pickled, length_hints, escaped, closure_steals, exc_inside, same_iter_two_names, changes_kind):
    print(f.__name__, f(6000))
