# Locals whose values die each round: of types of C, with finalizers, with weak references, and by turns.
# contract: 1 2 4
# expect: traces>=1
import sys
import weakref
from datetime import timedelta
from decimal import Decimal


def decimals(rounds):
    total, step = Decimal(0), Decimal("0.01")
    for n in range(rounds):
        part = step * n
        total += part
        part = total - part
    return total, part


def spans(rounds):
    total = timedelta()
    for n in range(rounds):
        part = timedelta(seconds=n)
        total += part
        del part
    return total


class Dies:
    def __init__(self, number):
        self.number = number

    def __del__(self):
        frame = sys._getframe(1)
        names = sorted(frame.f_locals)
        LOG.append((self.number, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, names))


LOG = []


def finalizers(rounds, every):
    for n in range(rounds):
        one = Dies(n) if n % every == 0 else n
        two = one
        one = None
        two = [two]
        del two
    return n


def weak(rounds, every):
    dead = []
    for n in range(rounds):
        one = set((n,))
        if n % every == 0:
            reference = weakref.ref(one, lambda _, n=n: dead.append((n, len(dead))))
            keep = reference
        one = n
    return len(dead), dead[-2:], keep()


def raises(rounds, bad):
    for n in range(rounds):
        one = Stops(n == bad)
        one = n
    return n


class Stops:
    def __init__(self, stops):
        self.stops = stops

    def __del__(self):
        if self.stops:
            sys.settrace(lambda frame, event, argument: LOG.append((event, frame.f_code.co_name)))


print(decimals(5000))
print(spans(5000))
for every in 1, 7, 1000:
    LOG.clear()
    print(finalizers(5000, every), len(LOG), LOG[:2], LOG[-2:])
for every in 1, 7:
    print(weak(5000, every))
LOG.clear()
print(raises(5000, 4500))
sys.settrace(None)
print(LOG[:3])
