# Small ints that are equal are the same object, wherever they come from, beside instances and tuples that are not made.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_LOOP_THRESHOLD=10
# env: PYRT_JIT_ENTRY_THRESHOLD=10
# expect: traces>=5


class Pair:
    def __init__(self, a, b=None):
        self.a, self.b = a, b

    def same(self):
        return self.a is self.b

    def turned(self):
        return Pair(self.b, self.a)


def of_tuples(rounds):
    hits = 0
    for n in range(rounds):
        pair = ([n], n)
        hits += pair == ([n], n)
        more = n + 1000
        hits += (more - 1000) is (more - 1000)
        hits += (more - 1000) is pair[1]
    return hits


def of_attributes(rounds):
    hits = 0
    for n in range(rounds):
        pair = Pair(n % 300 - 20, n % 300 - 20)
        if -5 <= pair.a <= 256:
            hits += pair.same() + pair.turned().same()
        hits += Pair(n, 0.5).same() * 1000
        hits += Pair(n).same() * 1000
        if Pair(n).b is not None or Pair(n).a is None:
            hits += 1000
    return hits


def of_items(rounds, known):
    hits = 0
    for n in range(rounds):
        low = n & 63
        pair = (low + 1, low * 2)
        first, second = pair
        hits += first is known[low + 1]
        hits += known[low * 2] is not second
        hits += pair[0] is (second >> 1) + 1
        hits += Pair(first, 7).a is 7 + low - 6
    return hits


def of_constants(rounds):
    hits = 0
    five, yes = 5, True
    for n in range(rounds):
        pair = Pair(n % 10, n % 2 == 0)
        hits += (pair.a is five) + (pair.b is yes) * 100
        hits += (pair.a is yes) * 1000
    return hits


def in_containers(rounds):
    found = 0
    for n in range(rounds):
        pair = Pair(n % 8, n % 8)
        found += (pair.a, pair.b).count(n % 8)
        found += sum(1 for item in (pair.a, n, pair.b) if item is pair.b) * 10
    return found


for turn in range(3):
    print(of_tuples(200), of_attributes(700), of_items(400, list(range(200))))
    print(of_constants(300), in_containers(200))
