//! What programs use besides what they define at random.

/// What every program starts with: each is a statement that a reduction may drop.
pub(super) const PRELUDE: &[&str] = &[
    "import math",
    "import sys",
    "import weakref",
    "deaths, seen, kept = [], [], [None, None]",
    r"def dead(o):
    deaths.append(getattr(o, 'a', None))
    if len(deaths) < 30:
        print('del', deaths[-1])",
    r"def report(e):
    places, tb = [], e.__traceback__
    # Once two instructions are fused, CPython reports the first for an unbound second.
    while tb and type(e) is not UnboundLocalError:
        code = tb.tb_frame.f_code
        places.append((tb.tb_lineno, *[*code.co_positions()][tb.tb_lasti // 2][2:]))
        tb = tb.tb_next
    causes = [type(c).__name__ for c in (e.__cause__, e.__context__) if c]
    print(type(e).__name__, str(e)[:90], places, causes)",
    r"class Oops(Exception):
    pass",
    r"class Sub(int):
    def __add__(self, o):
        return int.__add__(self, 1)
    def __repr__(self):
        return f'Sub({int(self)})'",
    r"class Words(str):
    def upper(self):
        return 'up'
    def __len__(self):
        return 3",
    r"class Items(list):
    def __getitem__(self, x):
        return 7 if x == 0 else list.__getitem__(self, x)
    def __len__(self):
        return 4",
    r"class Table(dict):
    def __missing__(self, key):
        return 11",
    r"class Desc:
    def __get__(self, o, kind):
        return getattr(o, 'a', 5)
    def __set__(self, o, value):
        o.a = value",
    r"class Context:
    def __init__(self, n, swallow):
        self.n, self.swallow = n, swallow
    def __enter__(self):
        return self.n
    def __exit__(self, kind, value, tb):
        deaths.append(kind and kind.__name__)
        return self.swallow and kind is Oops",
    r"class Iterator:
    def __init__(self, n, o):
        self.n, self.o = n, o
    def __iter__(self):
        return self
    def __next__(self):
        self.n -= 1
        if not self.n >= 0:
            raise StopIteration
        return self.o.a + self.n",
    r"def refs(o):
    # Of what the program has made: others have references to the rest.
    own = type(o).__module__ == '__main__' or type(o) in (list, dict)
    return sys.getrefcount(o) if own else None",
    r"def watch(o):
    watched.append(weakref.ref(o, lambda r: deaths.append('gone')))
    return o",
    "watched = []",
    r"def inner(n):
    try:
        for q in range(n):
            yield q
    finally:
        deaths.append(n)",
    r"def outer(n):
    for q in range(n):
        yield from inner(q)
        yield -q",
    r"def fails(n):
    for q in range(n):
        yield q
    raise Oops(n)",
    r"def catching(numbers):
    try:
        for q in numbers:
            yield q + 1
    except Oops as e:
        yield e.args[0]",
    r"def deep(n):
    return n and 1 + deep(n - 1)",
    r"def deepest():
    # How deep it gets depends by one on how warm its callers are.
    try:
        return deep(2000)
    except RecursionError:
        return -1",
    r"def pair(a, b):
    return b, a",
    r"def passes(*q):
    return pair(*q)",
];
