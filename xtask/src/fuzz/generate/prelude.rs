//! What programs use besides what they define at random.

/// Statements that programs start with, each with the names that it defines. A program has those of which it
/// uses a name; what uses another one stands after it.
const PRELUDE: &[(&str, &str)] = &[
    ("array", "import array"),
    ("collections", "import collections"),
    ("contextlib", "import contextlib"),
    ("functools", "import functools"),
    ("heapq", "import heapq"),
    ("itertools", "import itertools"),
    ("math", "import math"),
    ("operator", "import operator"),
    ("re", "import re"),
    ("sys", "import sys"),
    ("weakref", "import weakref"),
    (
        "deaths seen kept",
        "deaths, seen, kept = [], [], [None, None]",
    ),
    (
        "dead",
        r"def dead(o):
    deaths.append(getattr(o, 'a', None))
    if len(deaths) < 30:
        print('del', deaths[-1])",
    ),
    (
        "report",
        r"def report(e):
    places, tb = [], e.__traceback__
    # Once two instructions are fused, CPython reports the first for an unbound second.
    while tb and type(e) is not UnboundLocalError:
        code = tb.tb_frame.f_code
        places.append((tb.tb_lineno, *[*code.co_positions()][tb.tb_lasti // 2][2:]))
        tb = tb.tb_next
    causes = [type(c).__name__ for c in (e.__cause__, e.__context__) if c]
    print(type(e).__name__, str(e)[:90], places, causes)",
    ),
    (
        "Oops",
        r"class Oops(Exception):
    pass",
    ),
    (
        "Sub",
        r"class Sub(int):
    def __add__(self, o):
        return int.__add__(self, 1)
    def __repr__(self):
        return f'Sub({int(self)})'",
    ),
    (
        "Words",
        r"class Words(str):
    def upper(self):
        return 'up'
    def __len__(self):
        return 3",
    ),
    (
        "Items",
        r"class Items(list):
    def __getitem__(self, x):
        return 7 if x == 0 else list.__getitem__(self, x)
    def __len__(self):
        return 4",
    ),
    (
        "Table",
        r"class Table(dict):
    def __missing__(self, key):
        return 11",
    ),
    (
        "Desc",
        r"class Desc:
    def __get__(self, o, kind):
        return getattr(o, 'a', 5)
    def __set__(self, o, value):
        o.a = value",
    ),
    (
        "Context",
        r"class Context:
    def __init__(self, n, swallow):
        self.n, self.swallow = n, swallow
    def __enter__(self):
        return self.n
    def __exit__(self, kind, value, tb):
        deaths.append(kind and kind.__name__)
        return self.swallow and kind is Oops",
    ),
    (
        "scope",
        r"@contextlib.contextmanager
def scope(n, swallow):
    try:
        yield n
    except Oops:
        if not swallow:
            raise
    finally:
        deaths.append(n)",
    ),
    (
        "Iterator",
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
    ),
    (
        "refs",
        r"def refs(o):
    # Of what the program has made: others have references to the rest.
    own = type(o).__module__ == '__main__' or type(o) in (list, dict)
    return sys.getrefcount(o) if own else None",
    ),
    ("watched", "watched = []"),
    (
        "watch",
        r"def watch(o):
    watched.append(weakref.ref(o, lambda r: deaths.append('gone')))
    return o",
    ),
    (
        "alive",
        r"def alive():
    return [r() is not None for r in watched[-3:]]",
    ),
    (
        "stack",
        r"def stack():
    frame, found = sys._getframe(1), []
    while frame and len(found) < 5:
        found.append((frame.f_code.co_name, frame.f_lineno))
        frame = frame.f_back
    return found",
    ),
    (
        "looks",
        r"def looks(depth=1):
    shown = {int, bool, float, str, type(None)}
    try:
        frame = sys._getframe(depth)
    except ValueError:
        return None
    if frame.f_code.co_name == '<module>':
        return len(seen)
    return [(k, v) for k, v in sorted(frame.f_locals.items()) if type(v) in shown]",
    ),
    (
        "inner",
        r"def inner(n):
    try:
        for q in range(n):
            yield q
    finally:
        deaths.append(n)",
    ),
    (
        "outer",
        r"def outer(n):
    for q in range(n):
        yield from inner(q)
        yield -q",
    ),
    (
        "fails",
        r"def fails(n):
    for q in range(n):
        yield q
    raise Oops(n)",
    ),
    (
        "catching",
        r"def catching(numbers):
    try:
        for q in numbers:
            yield q + 1
    except Oops as e:
        yield e.args[0]",
    ),
    (
        "echo",
        r"def echo(n):
    got, rounds = 0, 0
    while rounds < 40:
        rounds += 1
        try:
            got = (yield (got or n) + rounds)
        except Oops as e:
            got = e.args[0]
        finally:
            if rounds % 7 == 0:
                deaths.append(rounds)
    return n",
    ),
    (
        "pump",
        r"def pump(g, n):
    total = next(g)
    for q in range(n):
        if q % 5 == 4:
            total += g.throw(Oops(q))
        else:
            total += g.send(q)
    return total",
    ),
    (
        "delegate",
        r"def delegate(n):
    got = yield from echo(n)
    yield got",
    ),
    (
        "later",
        r"async def later(n):
    if n % 11 == 10:
        raise Oops(n)
    return n + 1",
    ),
    (
        "Pause",
        r"class Pause:
    def __init__(self, n):
        self.n = n
    def __await__(self):
        got = yield self.n
        return got + self.n
    async def __aenter__(self):
        return await self
    async def __aexit__(self, kind, value, tb):
        deaths.append(await later(self.n))
        return kind is Oops",
    ),
    (
        "ticks",
        r"async def ticks(n):
    for q in range(n):
        yield await Pause(q) if q % 3 else q",
    ),
    (
        "chain",
        r"async def chain(n):
    total = 0
    for q in range(n):
        total += await later(q)
        if q % 4 == 3:
            total += await Pause(total)
    async with Pause(n) as q:
        total += q + await later(n * 2)
    return total + sum([q async for q in ticks(n)])",
    ),
    (
        "drive",
        r"def drive(coroutine):
    sent = None
    try:
        while True:
            sent = coroutine.send(sent)
    except StopIteration as e:
        return e.value",
    ),
    (
        "deep",
        r"def deep(n):
    return n and 1 + deep(n - 1)",
    ),
    (
        "deepest",
        r"def deepest():
    # How deep it gets depends by one on how warm its callers are.
    try:
        return deep(2000)
    except RecursionError:
        return -1",
    ),
    (
        "fib",
        r"def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)",
    ),
    (
        "even",
        r"def even(n):
    return True if n <= 0 else odd(n - 1)
def odd(n):
    return False if n <= 0 else even(n - 1)",
    ),
    (
        "subsets",
        r"def subsets(items, n=0, chosen=()):
    if n == len(items) or n > 3:
        return [chosen]
    return subsets(items, n + 1, chosen) + subsets(items, n + 1, chosen + (items[n],))",
    ),
    (
        "Node",
        r"class Node:
    def __init__(self, value, left=None, right=None):
        self.value = value
        self.left = left
        self.right = right
    def total(self):
        n = self.value
        if self.left is not None:
            n += self.left.total()
        if self.right:
            n += self.right.total()
        return n
    def insert(self, value):
        if value < self.value:
            if self.left is None:
                self.left = Node(value)
            else:
                self.left.insert(value)
        elif self.right is None:
            self.right = Node(value)
        else:
            self.right.insert(value)
        return self
    def __iter__(self):
        if self.left:
            yield from self.left
        yield self.value
        if self.right:
            yield from self.right",
    ),
    (
        "tree",
        r"def tree(n):
    return Node(n, tree(n - 1), tree(n - 2)) if n > 0 else None",
    ),
    (
        "grow",
        r"def grow(numbers):
    root = Node(3)
    for q in numbers[:6]:
        root.insert(q)
    return root",
    ),
    (
        "Vector",
        r"class Vector:
    __slots__ = ('x', 'y', '__weakref__')
    def __init__(self, x, y=0):
        self.x, self.y = x, y
    def __add__(self, o):
        if isinstance(o, Vector):
            return Vector(self.x + o.x, self.y + o.y)
        return Vector(self.x, o) if type(o) is int else NotImplemented
    def __radd__(self, o):
        return Vector(self.x + o, self.y)
    def __iadd__(self, o):
        self.x += o
        return self
    def __mul__(self, o):
        return Vector(self.x * o % 10007, self.y * o % 10007)
    __rmul__ = __mul__
    def __neg__(self):
        return Vector(-self.x, -self.y)
    def __eq__(self, o):
        return isinstance(o, Vector) and (self.x, self.y) == (o.x, o.y)
    def __hash__(self):
        return hash((self.x, self.y))
    def __bool__(self):
        return self.x != 0
    def __getitem__(self, n):
        return (self.x, self.y)[n]
    def __index__(self):
        return self.y & 3
    def __repr__(self):
        return f'<{self.x} {self.y}>'
    @property
    def size(self):
        return abs(self.x) + abs(self.y)
    @size.setter
    def size(self, n):
        if n < 0:
            raise Oops(n)
        self.x, self.y = n, 0",
    ),
    (
        "Base Left Right Both shapes",
        r"class Base:
    count = 0
    def __init__(self, n=2):
        self.n = n
    def area(self):
        return self.n
    def widen(self, by=1, *rest, **named):
        self.n = (self.n + by) % 1009
        return self
    @property
    def half(self):
        return self.area() // 2
    @classmethod
    def make(cls, n):
        cls.count += 1
        return cls(n)
class Left(Base):
    def __init__(self, n=3, side=1):
        super().__init__(n)
        self.side = side
    def area(self):
        return super().area() + self.n
    @classmethod
    def make(cls, n):
        return super().make(n + 1)
class Right(Base):
    def area(self):
        return 2 * super().area() - self.n
    def widen(self, by=1, *rest, **named):
        return super().widen(by + len(rest) + len(named), *rest, **named)
    @property
    def half(self):
        return super().half + 1
class Both(Left, Right):
    def area(self):
        return super().area() - 1
    def __del__(self):
        deaths.append('both')
shapes = [Left(), Right(5), Both(), Base()]",
    ),
    (
        "Point",
        "Point = collections.namedtuple('Point', 'x y', defaults=(0,))",
    ),
    (
        "counted",
        r"def counted(f):
    @functools.wraps(f)
    def wrapper(*q, **r):
        wrapper.calls += 1
        return f(*q, **r)
    wrapper.calls = 0
    return wrapper",
    ),
    (
        "tallied",
        r"def tallied(f):
    calls = 0
    def wrapper(*q, **r):
        nonlocal calls
        calls += 1
        try:
            return f(*q, **r)
        finally:
            if calls % 8 == 0:
                deaths.append(calls)
    return wrapper",
    ),
    (
        "events Profiled",
        r"events = []
class Profiled:
    def __enter__(self):
        sys.setprofile(self.hook)
    def __exit__(self, kind, value, tb):
        sys.setprofile(None)
        deaths.append((len(events), hash(str(events))))
    def hook(self, frame, event, arg):
        if len(events) < 500:
            events.append((event, frame.f_code.co_name))",
    ),
    (
        "Traced",
        r"class Traced:
    def __enter__(self):
        sys._getframe(1).f_trace = self.hook
        sys.settrace(self.hook)
    def __exit__(self, kind, value, tb):
        sys.settrace(None)
        sys._getframe(1).f_trace = None
        deaths.append((len(events), hash(str(events))))
    def hook(self, frame, event, arg):
        if len(events) < 500:
            events.append((event, frame.f_lineno))
        return self.hook",
    ),
    (
        "grid",
        "grid = [[0, 0, 0, 0], [0, 1, 2, 3], [0, 2, 4, 6], [0, 3, 6, 9]]",
    ),
    ("counts", "counts = collections.defaultdict(int)"),
    ("queue", "queue = collections.deque([1, 2, 3], 8)"),
    ("heap", "heap = [3, 5, 9]"),
    ("buffer", "buffer = bytearray(8)"),
    ("longs", "longs = array.array('q', range(5))"),
    ("reals", "reals = array.array('d', (0.5, -0.0, 3.0, 1e16))"),
    (
        "words",
        "words = {'a': 1, 'b': 1, 'abc': 3, 'xyz': 3, '': 0, 'é€': 2}",
    ),
    (
        "pair",
        r"def pair(a, b):
    return b, a",
    ),
    (
        "passes",
        r"def passes(*q):
    return pair(*q)",
    ),
];

/// The statements that a program needs, each a line that a reduction may drop.
pub(super) fn of(program: &str) -> Vec<&'static str> {
    let mut needed: Vec<&str> = Vec::new();
    for (names, text) in PRELUDE.iter().rev() {
        let texts = needed.iter().copied().chain([program]);
        let used = |name| texts.clone().any(|text| has_word(text, name));
        if names.split(' ').any(used) {
            needed.push(text);
        }
    }
    needed.reverse();
    needed
}

fn has_word(text: &str, word: &str) -> bool {
    let part_of_name = |c: char| c == '_' || c.is_alphanumeric();
    text.match_indices(word).any(|(start, _)| {
        !text[..start].ends_with(part_of_name)
            && !text[start + word.len()..].starts_with(part_of_name)
    })
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn what_is_used_comes_with_what_that_uses() {
        let needed = of("print(passes(1), unpair, pairs)");
        assert_eq!(needed.len(), 2);
        assert!(needed[0].starts_with("def pair("));
        assert!(needed[1].starts_with("def passes("));
    }
}
