# Calls by keyword from loops and functions, to callees that change: the names belong to the call wherever it is made.
# contract: 1


def plain(a, b=2, *, c=3):
    return a, b, c


def rest(a, **others):
    return a, sorted(others.items())


def loops(a, b=2, *, c=3):
    for _ in range(2):
        a += 1
    return a, b, c


class Made:
    def __init__(self, a, b=2, *, c=3):
        self.all = a, b, c

    def method(self, a, b=2, *, c=3):
        return a, b, c


class Other(Made):
    def method(self, a, **others):
        return a, sorted(others.items())


def each(f, n):
    out = f(n, c=4)
    return out, f(n, b=5, c=6)


def methods(x, n):
    return x.method(n, c=7), x.method(a=n, b=8)


for turn in range(40):
    for f in (plain, rest, loops, lambda a, **k: (a, k), plain):
        got = each(f, turn)
        if turn % 13 == 0:
            print(got)
    for x in (Made(1), Other(1, c=2), Made(1, b=turn)):
        got = methods(x, turn)
        if turn % 13 == 0:
            print(got, x.all)
    try:
        each(dict, turn)
    except TypeError as error:
        got = str(error)
    try:
        each(lambda a, b: a, turn)
    except TypeError as error:
        print(got, "|", error) if turn % 13 == 0 else None
