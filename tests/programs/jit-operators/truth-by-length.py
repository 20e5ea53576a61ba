# Conditions on objects whose class has a `__len__` in Python and no `__bool__`, and on ints of a subclass.
# contract: 1 2 3 4 5 7 8
# expect: traces>=1
import enum
import sys
import traceback

log = []


class Bag:
    def __init__(self, items):
        self.items = items

    def __len__(self):
        return len(self.items)

    def __del__(self):
        log.append(len(self.items))


class Odd:
    """Its length is whatever it is told."""

    length = 0

    def __len__(self):
        return Odd.length


class Words(dict):
    def __len__(self):
        return 3 - dict.__len__(self)


class Never(Bag):
    __bool__ = None


class Flags(enum.IntFlag):
    READ = 1
    WRITE = 2


class Number(int):
    pass


class Backwards(int):
    def __bool__(self):
        return not int.__bool__(self)


class Quiet(int):
    def __len__(self):
        log.append("asked")
        return 0


def count(things):
    yes = no = inverted = both = 0
    for thing in things:
        if thing:
            yes += 1
        if not thing:
            no += 1
        inverted += not thing
        both += 1 if thing and yes > 3 else 2
        while thing:
            both += 1
            break
    return yes, no, inverted, both


for name, make in {
    "bags": lambda i: Bag([0] * (i % 3)),
    "words": lambda i: Words((j, j) for j in range(i % 4)),
    "flags": lambda i: Flags(i % 4) & Flags.READ,
    "numbers": lambda i: Number(i % 3),
    "backwards": lambda i: Backwards(i % 3),
    "quiet": lambda i: Quiet(i % 2),
    "mixed": lambda i: [Bag([1] * (i % 2)), Number(i % 2), Words(), Flags(0), [], i % 2][i % 6],
}.items():
    for rounds in (1, 40, 3000):
        print(name, rounds, count([make(i) for i in range(rounds)]), len(log))


def strange(lengths, rounds=300):
    odd, seen = Odd(), {}
    for i in range(rounds):
        Odd.length = lengths[i * len(lengths) // rounds]
        try:
            result = "yes" if odd else "no"
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        seen.setdefault(result, i)
    return seen


class Index(int):
    def __index__(self):
        return 5


for lengths in ([3, -3], [1, "1"], [1, True, False], [3, Index(0)], [1, 1 << 80], [0, None], [2, 2.0], [1, 1 << 62]):
    print(lengths, strange(lengths))

try:
    if Never([1]):
        print("never")
except TypeError as error:
    print(error)


class Late:
    def __len__(self):
        return 0


def late(rounds=400):
    """A `__bool__` that comes later wins, and goes again."""
    thing, seen = Late(), []
    for i in range(rounds):
        if i == 200:
            Late.__bool__ = lambda self: True
        if i == 300:
            del Late.__bool__
        if thing:
            seen.append(i)
    return seen[0], seen[-1], len(seen)


print(late())


class Looks:
    def __len__(self):
        frame = sys._getframe(1)
        log.append((frame.f_lineno, frame.f_locals["i"]))
        if frame.f_locals["i"] == 700:
            raise LookupError("enough")
        return frame.f_locals["i"] % 2


def looked_at():
    looks = Looks()
    found = 0
    for i in range(1000):
        if looks:
            found += 1
    return found


del log[:]
try:
    looked_at()
except LookupError:
    traceback.print_exc(file=sys.stdout)
print(len(log), log[-1][1])


class Deep:
    def __len__(self):
        if self:
            return 1
        return 0


depths = []
for _ in range(30):
    try:
        bool(Deep())
    except RecursionError as error:
        depths.append(str(error))
print(len(depths), set(depths))
