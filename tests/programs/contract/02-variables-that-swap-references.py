# A variable gets the object back that it had, while another one has been given its reference: each has one of its own.
# contract: 2 3
# expect: traces>=4
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=100000
import sys

deaths = []


class Mortal:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        deaths.append(self.n)


def back_again(o, stop):
    p = o
    o = p
    for q in stop:
        if q == 3:
            return sys.getrefcount(o)
    return 0


def back_and_forth(o, n):
    p = o
    o = p
    p = None
    p = o
    o = None
    o = p
    if n % 7 == 3:
        return sys.getrefcount(o)
    return n & 1


def in_a_loop(o, rounds):
    p = o
    counts = set()
    for q in range(rounds):
        o = p
        p = o
        if q % 10 == 9:
            counts.add(sys.getrefcount(o))
    return sorted(counts)


def exchanged(o, p, n):
    o, p = p, o
    o, p = p, o
    if n % 5 == 4:
        return sys.getrefcount(o), sys.getrefcount(p)
    return o.n == p.n


def main(rounds):
    seen = {}
    for n in range(rounds):
        mortal, other = Mortal(n), Mortal(-n)
        for got in (
            back_again(mortal, (1, n % 4)), back_and_forth(mortal, n), exchanged(mortal, other, n),
            sys.getrefcount(mortal), sys.getrefcount(other), len(deaths) - 2 * n,
        ):
            seen[got] = seen.get(got, 0) + 1
    print(sorted(seen.items(), key=str))
    for n in range(8):
        print(in_a_loop(Mortal(0.5), 700), len(deaths))
    for f, more in (back_again, ((1, 2),)), (back_and_forth, (1,)), (in_a_loop, (40,)), (exchanged, (Mortal(1), 2)):
        before = len(deaths)
        f(Mortal("alone"), *more)
        print(f.__name__, deaths[before:])


main(12000)
print(len(deaths), sum(n for n in deaths if type(n) is int))
