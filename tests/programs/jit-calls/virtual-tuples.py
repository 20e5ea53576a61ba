# Tuples that traces do not make: exits make them, with their items, identities and references as they should be, and
# the collector counts those for which no dead tuple is kept.
# contract: 1, 2, 3, 4, 7
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# env: PYRT_JIT_ENTRY_THRESHOLD=10
# expect: traces>=10
import gc
import sys
import traceback
import weakref


def both(a, b):
    return a + b, a - b


def several_results(rounds):
    total = 0
    for n in range(rounds):
        x, y = both(n, 3)
        total += x * y
    return total, x, y


def rotated(rounds):
    a, b, c, d = "a", "b", "c", 4.5
    for n in range(rounds):
        a, b, c, d = b, c, d, a
    return a, b, c, d


def rest(*args):
    return len(args), args[0], args[-1], args[1:]


def passed_on(*args):
    return both(*args)


def starred(rounds):
    found = []
    for n in range(rounds):
        length, first, last, others = rest(n, "x", 2.5)
        x, y = passed_on(n, 1)
        if n % 50 == 7:
            found.append((length, first, last, others, x, y))
    return found


def kept(rounds):
    """The tuple is whole wherever somebody gets to see it, and one and the same."""
    found, last = [], None
    for n in range(rounds):
        pair = n, str(n)
        same = pair
        if n % 9 == 4:
            found.append(pair)
            assert found[-1] is same is pair
        if n % 13 == 5:
            last = pair, same
            assert last[0] is last[1]
        number, text = pair
        if n % 17 == 3:
            found.append((number, text, sys.getrefcount(pair), pair is same, pair == (n, text)))
    return found, last


def indexed(rounds, which):
    total = 0
    for n in range(rounds):
        triple = n, n * 2, n * 3
        total += triple[1] - triple[-1] + triple[which[n % len(which)]] + len(triple)
    return total


def raises(rounds):
    """A tuple of another length, and an index that there is not."""
    errors = []
    for n in range(rounds):
        some = (n, n) if n % 20 else (n, n, n)
        try:
            a, b = some
            errors.append((n, 1)[a and 1 or b])
            (n, 1)[n % 30]
        except (ValueError, IndexError) as error:
            frames = traceback.extract_tb(error.__traceback__)
            errors.append((str(error), frames[-1].line))
    return errors[-40:]


class Noisy:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        Noisy.log.append((self.name, sorted(sys._getframe(1).f_locals)))


def deaths(rounds):
    """Items die from the last to the first."""
    for n in range(rounds):
        pair = Noisy("first"), Noisy("second"), n
        inner = (pair, Noisy("third"))
        del pair
        inner = n
    return Noisy.log[-6:]


def unpacked_deaths(rounds):
    for n in range(rounds):
        a, _, b = Noisy("a"), Noisy("gone"), Noisy("b")
        a, b = b, a
        _ = b = None
    return Noisy.log[-6:]


class Weak:
    pass


def weakly(rounds):
    gone = []
    for n in range(rounds):
        target = Weak()
        pair = weakref.ref(target, lambda ref: gone.append("dead")), target
        del target
        _, alive = pair
        assert alive is not None
        del alive
        gone.append(len(gone))
        del pair, _
        gone.append("round")
    return gone[-6:]


def nested(rounds):
    total = 0
    for n in range(rounds):
        (a, (b, c)), d = (n, (n + 1, n + 2)), n + 3
        total += a * b - c * d
    return total, [key for key in locals()]


def yields(rounds):
    for n in range(rounds):
        pair = n, -n
        yield pair
        x, y = pair
        yield x - y


def compared(rounds):
    hits = 0
    for n in range(rounds):
        hits += (n, 1) < (5, n)
        hits += (n % 3, n % 2) in {(1, 1), (2, 0)}
        hits += (n % 3, n % 2) == (0, 1)
    return hits


def divided(rounds):
    total = 0
    for n in range(rounds):
        quotient, remainder = divmod(n, 7)
        total += quotient * 10 + remainder
    return total, divmod(rounds, 7)


def cyclic(rounds):
    """Tuples in cycles, which the collector has to find."""
    for n in range(rounds):
        holder = []
        pair = holder, n
        holder.append(pair)
    return gc.collect() > 0


gc.disable()
for rounds in 30, 500:
    print(several_results(rounds), rotated(rounds), nested(rounds), compared(rounds), divided(rounds))
    print(starred(rounds)[-3:], kept(rounds))
    print(indexed(rounds, (0, 1)), indexed(rounds, (0, -1, 2)), raises(rounds))
    print(deaths(rounds), unpacked_deaths(rounds), weakly(rounds))
    print(list(yields(rounds))[-4:], cyclic(rounds))

# Dead tuples are kept from here on, so that none of these is counted.
for function in several_results, rotated, nested, divided:
    function(1000)
    gc.collect()
    function(10)
    before = gc.get_count()[0], sys.getallocatedblocks()
    function(1000)
    after = gc.get_count()[0], sys.getallocatedblocks()
    print(function.__name__, abs(after[0] - before[0]) < 30, abs(after[1] - before[1]) < 30)
