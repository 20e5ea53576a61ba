# Loops that replace an instance in each round carry its attributes: whoever looks finds the instance as it should be.
# contract: 1, 2, 3, 4, 7
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_EXIT_THRESHOLD=2
# env: PYRT_JIT_LOOP_THRESHOLD=10
# env: PYRT_JIT_ENTRY_THRESHOLD=10
# expect: traces>=20
import gc
import sys
import weakref


class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)

    def scaled(self, by):
        return Vector(self.x * by, self.y * by)


def show(*values):
    print(*[
        (type(v).__name__, vars(v), sys.getrefcount(v)) if hasattr(v, "__dict__") else v for v in values
    ])


def plain(rounds, position, step):
    for _ in range(rounds):
        position = position + step
    return position


def changes_type(rounds, at, to):
    position, step = Vector(0, 0), Vector(1, 2)
    for n in range(rounds):
        if n == at:
            step.x = to
        position = position + step
    return position, step


def overflows(rounds):
    position = Vector(1, 1.5)
    for _ in range(rounds):
        position = position.scaled(2)
    return position


def branches(rounds):
    position, seen = Vector(0, 0.5), []
    for n in range(rounds):
        if n % 5 == 3:
            position = position + Vector(2, -0.25)
            continue
        if n % 7 == 6:
            position.x += 1
        elif n % 11 == 10:
            position.y = -position.y
        else:
            position = Vector(position.y, float(n)) if n % 13 == 12 else position + Vector(1, 0.5)
        if position.x > 1000:
            seen.append(position.x)
    return position, len(seen)


def escapes(rounds, every):
    """The list sees instances of some rounds, and the last one is returned."""
    kept, position, step = [], Vector(0, 0), Vector(3, -2)
    for n in range(rounds):
        position = position + step
        if n % every == every - 1:
            kept.append(position)
    assert all(a is not b for a in kept for b in kept if a.x != b.x)
    return [(k.x, k.y, sys.getrefcount(k)) for k in kept[-3:]], len(set(map(id, kept))), position


def keeps_identity(rounds, at):
    """The instance is looked at in some rounds, also before it is replaced for the first time."""
    position, step, here, log = Vector(0, 0), Vector(3, -2), None, []
    for n in range(rounds):
        if at <= n < at + 4:
            here = here or id(position)
            log.append(id(position) == here)
        else:
            position = position + step
    return log, position


def starts_again(rounds, shared):
    """The loop begins with an instance that others know, and is short."""
    first = Vector(1, 1)
    again = first if shared else None
    if not shared:
        first = Vector(1, 1)
    here = id(first)
    for n in range(rounds):
        if n == rounds - 1 and n < 2:
            assert n or id(first) == here
        first = first + Vector(n, 1)
    return first.x, first.y, again is first, again and vars(again)


def remembers(rounds):
    """Two variables, and two in one."""
    position, step, previous = Vector(0, 0), Vector(1, 1), None
    for n in range(rounds):
        previous = position
        if n % 17 != 16:
            position = position + step
        else:
            assert previous is position
    return previous, position


def swaps(rounds):
    a, b = Vector(0, 1), Vector(1, 0)
    for n in range(rounds):
        a, b = b, Vector((a.x + b.x) % 1009, (a.y + b.y) % 1013)
        if n % 29 == 28:
            a, b = b, a
    assert a is not b
    return a, b


class Pair:
    def __init__(self, first, second):
        self.first = first
        self.second = second


def within_others(rounds):
    position, step, kept, total = Vector(0, 0), Vector(1, 2), None, 0
    for n in range(rounds):
        pair = Pair(position, n)
        position = pair.first + step
        both = (position, pair)
        if n % 19 == 18:
            kept = both
        total += both[0].x + both[1].first.y
    return kept[0].x, kept[1].first.x, kept[1].second, total, position


def nested_loops(rounds):
    position, total = Vector(0, 0), 0
    for n in range(rounds):
        step = Vector(n % 3, 1)
        for k in range(5 + n % 20):
            position = position + step
            inner = Vector(0.0, 0.0)
            for _ in range(k):
                inner = inner + Vector(0.5, 0.25)
            total += inner.x
        if position.x > 500:
            position = Vector(position.x % 7, position.y)
    return position, total


class Dying(Vector):
    def __del__(self):
        print("dies", self.x, end="; ")

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


class Other(Vector):
    pass


def other_classes(rounds):
    position, step = Vector(0, 0), Vector(1, 1)
    for n in range(rounds):
        if n % 23 == 22:
            position = Dying(position.x, n)
        elif n % 10 == 7:
            position = Other(position.x, position.y)
        else:
            position = position + step
    print()
    return position


class Slotted:
    __slots__ = ("extra",)


class WithSlot(Slotted):
    def __init__(self, x):
        self.x = x

    def next(self):
        return WithSlot(self.x + 1)


def with_slot(rounds):
    thing = WithSlot(0)
    thing.extra = "extra"
    for n in range(rounds):
        if n % 31 == 30:
            thing.extra = n
        elif n % 31 != 3:
            thing = thing.next()
    return thing.x, getattr(thing, "extra", None)


def weak(rounds):
    gone, position, step = [], Vector(0, 0), Vector(1, 1)
    reference = weakref.ref(position, lambda _: gone.append("first"))
    for n in range(rounds):
        position = position + step
        if n % 37 == 36:
            reference = weakref.ref(position, lambda _, n=n: gone.append(n))
            assert reference() is position
        if n % 37 == 20:
            gone.append(reference() is None)
    return gone, position


class Order:
    def __init__(self, a, turned):
        if turned:
            self.b = a
            self.a = -a
        else:
            self.a = -a
            self.b = a


def orders(rounds, first, later):
    thing, seen = Order(0, first), []
    for n in range(rounds):
        if n % 9 == 8 and n < 20:
            seen.append(list(vars(thing)))
        if n > 2:
            thing = Order(thing.b + 1, later)
    return seen, thing


def odd_beginnings(rounds, kind):
    position, step = Vector(0, 0), Vector(1, 1)
    if kind == "more":
        position.z = 5
    elif kind == "dict":
        vars(position)["w"] = 1
    elif kind == "less":
        del position.y
        position.y = 0
    elif kind == "bool":
        position.x = True
    elif kind == "big":
        position.x = 2**70
    elif kind == "nan":
        position.x = position.y = float("nan")
    x = position.x
    for n in range(rounds):
        if n == 1:
            assert position.x is x and list(vars(position))
        if n > 3:
            position = position + step
    return position


def deletes(rounds):
    position, step, missed = Vector(0, 0), Vector(1, 1), 0
    for n in range(rounds):
        if n % 15 == 14:
            del position.y
        try:
            position = position + step
        except AttributeError as error:
            missed += 1
            position.y = missed
            assert error.obj is position
    return position, missed


def raises(rounds, at):
    position, step = Vector(0, 0), Vector(1, 1)
    for n in range(rounds):
        position = position + (step if n != at else None)
    return position


def look():
    frame = sys._getframe(1)
    position = frame.f_locals["position"]
    return position.x, sys.getrefcount(position), [type(o).__name__ for o in gc.get_referents(position)]


def looked_at(rounds):
    position, step, seen = Vector(0, 0), Vector(1, 1), []
    for n in range(rounds):
        position = position + step
        if n % 41 == 40:
            seen.append(look())
    return seen, position


def yields(rounds):
    position, step = Vector(0, 0), Vector(1, 1)
    for n in range(rounds):
        position = position + step
        if n % 3 == 2:
            yield position if n % 6 == 5 else position.x


def returns_early(rounds):
    position, step = Vector(0.0, 0.0), Vector(1, 1.5)
    while True:
        if position.x >= rounds:
            return position.x + position.y
        position = position + step


def drops(rounds):
    position, step = Vector(0, 0), Vector(1, 1)
    for n in range(rounds):
        following = position + step
        if n % 13 == 12:
            position = None
        if n % 17 == 16:
            del position
        position = following
        following = None
    return position


def class_changes(rounds):
    position, step = Vector(0, 0), Vector(1, 1)
    for n in range(rounds):
        position = position + step
        if n % 50 == 49:
            Vector.tag = n
        if n % 70 == 69:
            position.__class__ = Other
    del Vector.tag
    return position


def collections(rounds):
    counts = []

    def note(phase, info):
        if phase == "start":
            counts.append(info["generation"])

    gc.collect()
    gc.callbacks.append(note)
    position, step = Vector(0, 0), Vector(1, 1)
    kept = []
    for n in range(rounds):
        position = position + step
        if n % 4 == 3:
            kept.append([n])
    gc.callbacks.remove(note)
    return len(counts), position


def many_attributes(rounds):
    class Many:
        pass

    def make(n):
        thing = Many()
        thing.a = thing.b = thing.c = thing.d = n
        thing.e = thing.f = thing.g = thing.h = n + 1
        return thing

    thing = make(0)
    for n in range(rounds):
        thing = make(thing.h)
    return thing


def tuples(rounds, odd):
    """Results that are taken apart again in the next round."""
    both, kept, here = (0, 1), [], None
    for n in range(rounds):
        a, b = both
        if n < 3:
            here = here or id(both)
            assert id(both) == here
            continue
        both = b, (a + b) % 1000003
        if n % odd == odd - 1:
            kept.append(both)
        if n == 120:
            both = float(both[0]), both[1]
        if n == 140:
            both = b, a, "three"
            both = both[:2]
    return kept[-2:], both, len({id(k) for k in kept}) == len(kept), sys.getrefcount(kept[-1])


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("-", self.name, end=" ")


class State:
    def __init__(self, count, tag, board):
        self.count = count
        self.tag = tag
        self.board = board

    def following(self):
        return State(self.count + 1, self.tag, self.board)

    def tagged(self, tag):
        return State(self.count, tag, self.board)


def objects(rounds):
    """Attributes that are passed on, and others that die with the instance or its successor."""
    board = [0]
    state = State(0, Noisy("first"), board)
    seen = []
    for n in range(rounds):
        state = state.following()
        state.board[0] += state.count
        if n % 20 == 19:
            state = state.tagged(Noisy(n))
        if n % 50 == 49:
            seen.append((sys.getrefcount(state.tag), sys.getrefcount(board), state.tag.name))
    print()
    return seen, board, sys.getrefcount(board), state.count, state.tag.name


def always_tagged(rounds):
    state = State(0, None, ())
    for n in range(rounds):
        state = State(state.count + 1, (n, state.count), state.board)
        if n % 30 == 29:
            state = State(state.count, weakref.ref(state), ())
            assert state.tag() is None
    return state.count, state.tag() if callable(state.tag) else state.tag


def chains(rounds):
    head = State(0, None, None)
    for n in range(rounds):
        head = State(n, head.tag, head)
        if n % 7 == 6:
            head.board = None
    length = 0
    while head:
        head, length = head.board, length + 1
    return length


def itself(rounds):
    state = State(0, None, None)
    for n in range(rounds):
        state = state.following()
        if n % 25 == 24:
            state.tag = state
        elif n % 25 == 3:
            state.tag = None
    state.tag = None
    return state.count


def bodies(rounds):
    """Instances of instances."""
    body = State(Vector(0, 0), Vector(1, 2), 0)
    for n in range(rounds):
        body = State(body.count + body.tag, body.tag, body.board + 1)
        if n % 40 == 39:
            body.tag = Vector(n, -n)
    return body.count, body.tag, body.board


def changes_hands(rounds):
    """One variable's instance becomes the other's."""
    old, new, total = Vector(0, 0), Vector(0, 1), 0
    for n in range(rounds):
        if n % 3:
            old = new
            new = Vector(old.x + 1, old.y)
        else:
            new = Vector(new.x, new.y + 1)
        total += old.x + new.y
    return old, new, total, old is new


def raised_within(rounds):
    """An exception leaves an inlined call while old and new instances are there."""
    position, caught = Vector(1, 1), 0
    for n in range(rounds):
        try:
            position = position + Vector(1, 10 // (n % 33 - 32))
        except ZeroDivisionError as error:
            caught += 1
            frame = error.__traceback__.tb_frame
            assert frame.f_locals["position"] is position
            del frame
    return position, caught


for turn in range(3):
    show(plain(100, Vector(0, 0), Vector(3, -2)), plain(100, Vector(0.5, 0), Vector(1.5, -2)))
    shared = Vector(1, 1)
    show(plain(60, shared, shared), shared)
    for to in 1.5, 2**62, 2**80, True, 1 + 2j:
        show(*changes_type(90, 60, to))
    show(overflows(90))
    show(*branches(700))
    for every in 2, 7, 50:
        show(*escapes(200, every))
    for at in 0, 1, 50:
        show(*keeps_identity(100, at))
    for _ in range(30):
        result = starts_again(1 + _ % 4, False), starts_again(1 + _ % 4, True)
    show(*result)
    show(*remembers(200))
    show(*swaps(200))
    show(*within_others(200))
    show(*nested_loops(60))
    show(other_classes(200))
    show(*with_slot(100))
    show(*weak(200))
    for first in False, True:
        for later in False, True:
            show(*orders(80, first, later))
    for kind in "more", "dict", "less", "bool", "big", "nan", "none":
        show(odd_beginnings(60, kind))
    show(*deletes(150))
    try:
        raises(100, 80)
    except AttributeError as error:
        print(error, vars(error.__traceback__.tb_next.tb_frame.f_locals["position"]))
    show(*looked_at(200))
    print([v if isinstance(v, int) else (v.x, v.y, sys.getrefcount(v)) for v in yields(100)])
    show(returns_early(100))
    show(drops(150))
    show(class_changes(300))
    show(*collections(5000))
    show(many_attributes(100))
    for odd in 2, 9, 61:
        show(*tuples(150, odd))
        show(*tuples(110, odd))
    show(*objects(150))
    show(*always_tagged(200))
    show(chains(100), itself(200))
    show(*bodies(150))
    show(*changes_hands(150))
    show(*raised_within(200))
