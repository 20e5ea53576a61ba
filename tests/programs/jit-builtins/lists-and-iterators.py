# List methods, small containers, and loops over iterators of C, with deaths and changes in the loop.
# contract: 1 2 3 4
# expect: traces>=1
import gc
import sys


class Dies:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        frame = sys._getframe(1)
        print("dies", self.n, frame.f_code.co_name, sorted(frame.f_locals)[:3])


def stack(n):
    s = []
    total = 0
    for i in range(n):
        s.append(i)
        s.append(str(i))
        if len(s) > 10:
            total += len(s.pop()) + s.pop() + len(s.pop(1)) + s.pop(-2)if i % 7 == 0 else len(s.pop())
            s.reverse()
            s.insert(0, i)
            s.extend([1, 2])
            s.extend((3,))
            while len(s) > 8:
                s.pop(0)
    return total, s


def guarded(f, *args):
    try:
        return f(*args)
    except Exception as error:
        return type(error).__name__ + ": " + str(error)


print(guarded(stack, 500))


def empty_pops(n):
    out = []
    for i in range(n):
        s = [i]
        s.pop()
        if i > n - 4:
            try:
                s.pop()
            except IndexError as error:
                out.append(str(error))
            try:
                [1].pop(3)
            except IndexError as error:
                out.append(str(error))
    return out


print(empty_pops(300))


def pop_deaths(n):
    s = [Dies(i) if i < 3 else i for i in range(n)]
    for i in range(n):
        s.pop()
    print("popped")


pop_deaths(200)


class L(list):
    def pop(self, *args):
        return "L"

    def __contains__(self, x):
        return "yes"

    def __iter__(self):
        return iter("L")


def subclasses(n):
    out = None
    for i in range(n):
        s = [1, 2, 3] if i < n - 3 else L([1])
        out = s.pop(), 5 in s, [x for x in s]
    return out


print(subclasses(200))


class Eq:
    def __eq__(self, other):
        frame = sys._getframe(1)
        return frame.f_locals.get("i") == 149


def contains(n):
    out = []
    for i in range(n):
        s = [1, "a", 2.5, None, float("nan")]
        if i == n - 1:
            s.append(Eq())
        out.append((3 in s, "a" in s, 2.5 in s, None in s, s[4] in s, i in s))
    return out[0], out[-1]


print(contains(150))


def loops(make, n=60):
    total = []
    for i in range(n):
        total.append(0)
        try:
            for x in make(i, n):
                total[-1] += len(repr(x))
        except Exception as error:
            total[-1] = type(error).__name__ + ": " + str(error)
    return total[:2], total[-3:]


def gen():
    yield 1
    yield 2


D = {f"k{i}": i for i in range(20)}
S = set(range(30))
MAKERS = [
    lambda i, n: D, lambda i, n: D.keys(), lambda i, n: D.values(), lambda i, n: D.items(), lambda i, n: S, lambda i, n: frozenset(S),
    lambda i, n: enumerate([1, "a", 2.5]), lambda i, n: enumerate("abc", 5), lambda i, n: zip([1, 2, 3], "ab", (1, 2, 3, 4)), lambda i, n: zip(), lambda i, n: zip([1], [1, 2], strict=True),
    lambda i, n: reversed([1, 2, 3]), lambda i, n: reversed((1, 2)), lambda i, n: reversed(D), lambda i, n: enumerate(gen()), lambda i, n: zip(gen(), D), lambda i, n: enumerate(zip([1, 2], D.items())),
    lambda i, n: b"abc", lambda i, n: "a\u0416", lambda i, n: range(5), lambda i, n: range(2**70, 2**70 + 5), lambda i, n: iter([1, 2]), lambda i, n: map(str, [1, 2]), lambda i, n: [] if i < n - 2 else gen(),
    lambda i, n: {1: 2} if i < n - 2 else S, lambda i, n: 5 if i > n - 2 else [1], lambda i, n: {i: Dies(i)}.values() if i > n - 3 else {1: 1}.values(), lambda i, n: [Dies(i)] if i > n - 3 else [1],
    lambda i, n: enumerate([Dies(i)]) if i > n - 3 else enumerate([1]), lambda i, n: zip([Dies(i), 2], [3]) if i > n - 3 else zip([1, 2], [3]), lambda i, n: {Dies(i)} if i > n - 3 else {1},
]
for number, make in enumerate(MAKERS):
    print(number, loops(make))


def changing(n):
    out = []
    for i in range(n):
        d = {j: j for j in range(8)}
        s = {1, 2, 3}
        try:
            for k in d:
                if i > n - 3 and k == 4:
                    d[99] = 1
        except RuntimeError as error:
            out.append((i, str(error)))
        try:
            for k, v in d.items():
                if i > n - 3 and k == 4:
                    del d[0]
        except RuntimeError as error:
            out.append((i, str(error)))
        try:
            for k in s:
                if i > n - 3:
                    s.add(i + 100)
        except RuntimeError as error:
            out.append((i, str(error)))
    return out


print(changing(100))


def kept_results(n):
    kept = []
    for i, pair in enumerate(zip(range(n), "ab" * n)):
        if i % 50 == 0:
            kept.append(pair)
    for t in enumerate("abc" * 40):
        if t[0] % 60 == 0:
            kept.append(t)
    for t in D.items():
        kept.append(t)
    return kept[:4], kept[-25::6]


print(kept_results(300))


def result_deaths(n):
    s = [Dies(i) if i > n - 4 else i for i in range(n)]
    for i, x in enumerate(s):
        s[i] = None
        x = None
    print("done")


result_deaths(150)


def tuples(n):
    out = []
    for i in range(n):
        a, b = i, i + 1
        t = (a, b)
        u = [a, (b,), t]
        v = {}
        w = []
        w.append(u)
        x = list(u), tuple(w), dict(), set(), list()
        if i > n - 2:
            out.append((t, u, v, w, x))
        d = divmod(i, 7)
        out[:0] = [d] if i > n - 2 else []
    return out


print(tuples(300))


def slices(n):
    s = list(range(10))
    t = tuple(s)
    total = 0
    for i in range(n):
        total += len(s[1:5]) + len(t[:-2]) + len(s[i % 10:]) + sum(t[i % 4:7])
        if i == n - 2:
            s = "changed"
            t = s
            try:
                total += len(s[1:i])
                s[1:2.5]
            except TypeError as error:
                print(error)
            t = (1, 2, 3)
    return total


print(slices(300))


class Cycle:
    collected = 0

    def __init__(self):
        self.me = self

    def __del__(self):
        Cycle.collected += 1
        frame = sys._getframe(1)
        while frame.f_code.co_name != "collecting":
            frame = frame.f_back
        Cycle.seen = frame.f_locals["i"]


def collecting(n):
    kept = []
    for i in range(n):
        if i % 100 == 0:
            Cycle()
        t = (i, i)
        kept.append([t, {}, "a,b".split(","), {"a": i}.items()])
        for j, x in enumerate("ab"):
            kept.append((j, x))
    return len(kept)


gc.collect()
gc.set_threshold(300, 5, 5)
Cycle.collected = 0
print(collecting(3000), Cycle.collected > 10, Cycle.seen > 1000)
gc.set_threshold(700, 10, 10)


def in_function(x, y):
    if isinstance(x, int) and y.get(x % 3) is not None:
        return (x, len(str(x)))
    return x, 0


def calls(n):
    d = {0: 1, 1: None}
    total = 0
    for i in range(n):
        a, b = in_function(i, d)
        total += a + b
    return total


print(calls(500))
