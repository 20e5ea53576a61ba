# Calls that are not inlined, whose callees' trees do all that the function does: what dies at their return, in
# which order, who has the frame, and what the call site sees when the function changes.
# contract: 1 2 3 4 5 8
# expect: traces>=1
import gc
import sys
import weakref


class Loud:
    log = []

    def __init__(self, name):
        self.name = name

    def __del__(self):
        frame = sys._getframe(1)
        Loud.log.append((self.name, frame.f_code.co_name, frame.f_lineno))


def tree(depth, kept):
    if depth == 0:
        return 1
    left = tree(depth - 1, kept)
    middle = [depth, left]
    right = tree(depth - 1, middle)
    return left + right + len(kept) - len(middle)


print([tree(8, [0, 0]) for _ in range(60)][-1])

# Finalizers of arguments and variables run at the return, in order.


def dying(depth, a, b):
    c = b
    if depth == 0:
        return 0
    if depth % 5 == 0:
        a, d, b = Loud(f"a{depth}"), Loud(f"d{depth}"), Loud(f"b{depth}")
    return 1 + dying(depth - 1, a, c) + dying(depth - 2 if depth > 1 else 0, c, b)


for _ in range(8):
    Loud.log.clear()
    total = dying(11, 1, 2.5)
print(total, len(Loud.log), Loud.log[:12], hash(tuple(Loud.log)) != 0)


# The result is a variable, an argument, a constant, a number, or read from what dies.


class Box:
    def __init__(self, value):
        self.value = value


def result(kind, depth, given):
    local = Box([depth])
    if depth:
        inner = result(kind, depth - 1, given)
        other = result(kind, depth - 1, [depth])
        if kind == 7:
            return inner + other
    if kind == 0:
        return local
    if kind == 1:
        return given
    if kind == 2:
        return None
    if kind == 3:
        return depth * 1.5
    if kind == 4:
        return depth > 2
    if kind == 5:
        return local.value
    if kind == 6:
        return given[0]
    return depth + 10**12


for kind in range(8):
    argument = ["given"]
    for _ in range(150):
        value = result(kind, 5, argument)
    value = getattr(value, "value", value)
    print(kind, value, sys.getrefcount(argument), sys.getrefcount(result) - sys.getrefcount(tree))


# Whoever has the frame keeps its variables; `locals` makes a dict of them.


def watched(depth, how):
    variable = [depth]
    if depth == 0:
        return how(variable)
    first = watched(depth - 1, how)
    second = watched(depth - 1, how)
    return first if depth % 2 else second


frames = []


def keep(variable):
    frame = sys._getframe(1)
    frames.append((frame, frame.f_back))
    return variable


def look(variable):
    return sorted(sys._getframe(2).f_locals)


def nothing(variable):
    return variable


for how in [nothing] * 80 + [keep, look, nothing]:
    value = watched(6, how)
    print(value, end=" ") if how is not nothing else None
print()
frame, back = frames[-1]
print(frame.f_locals["depth"], back.f_locals["depth"], sorted(back.f_locals), back.f_back.f_lineno)
dead = weakref.ref(frame.f_locals["how"])
frames.clear()
del frame, back, how
del keep
gc.collect()
print(dead())


def with_locals(depth):
    name = depth
    if depth == 0:
        return 1
    count = len(locals()) if depth == 3 else 2
    return count + with_locals(depth - 1) + with_locals(depth - 1)


print([with_locals(7) for _ in range(40)][-1])

# The function that is running is given up by everybody else.


def make():
    def temporary(depth):
        if depth <= 0:
            return 0
        return 1 + temporary(depth - 1) + temporary(depth - 2)

    return temporary


for _ in range(25):
    total = make()(11)
print(total)


def vanishing(depth):
    global vanishing
    if depth == 0:
        return 0
    if depth == 1 and gone:
        vanishing = replacement
    return 1 + vanishing(depth - 1) + vanishing(depth - 1)


def replacement(depth):
    return 1000


gone = False
original = weakref.ref(vanishing)
print([vanishing(8) for _ in range(40)][-1])
gone = True
print(vanishing(6), original())


# Another code, other defaults, and another number of arguments, midway.


def shape(depth, more=3):
    if depth == 0:
        return more
    return shape(depth - 1) + shape(depth - 1, depth)


def other_shape(depth, more=3):
    if depth == 0:
        return -more
    return shape(depth - 1, more=1) - shape(depth - 1)


def three(depth, more, most):
    return 0


results = []
for step in range(120):
    if step == 60:
        shape.__defaults__ = (5,)
    if step == 80:
        shape.__code__ = other_shape.__code__
    if step == 110:
        shape.__code__ = three.__code__
    try:
        results.append(shape(6))
    except TypeError as error:
        results.append(str(error))
print(results[59], results[79], results[109], results[119])


# Recursion ends where it should, also by way of compiled calls.


def deep(depth):
    return 1 + deep(depth - 1) if depth else 0


def reach(limit):
    sys.setrecursionlimit(limit)
    low, high = 1, limit + 10
    while low < high:
        middle = (low + high) // 2
        try:
            deep(middle)
            low = middle + 1
        except RecursionError:
            high = middle
    return low


for _ in range(30):
    deep(200)
print(reach(300), reach(1000), reach(3000))
sys.setrecursionlimit(1000)


# Tracing that begins in a callee is there when it returns.

events = []


def tracer(frame, event, argument):
    if frame.f_code.co_name == "traced":
        events.append((event, frame.f_lineno, argument if event == "return" else None))
    return tracer


def traced(depth, at):
    if depth == 0:
        if at:
            sys.settrace(tracer)
        return 1
    first = traced(depth - 1, at)
    second = traced(depth - 1, False)
    return first + second


for _ in range(80):
    traced(5, False)
traced(2, True)
sys.settrace(None)
print(events)
