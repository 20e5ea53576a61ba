# What dies with the last reference to nested instances, tuples and lists, at any depth, is what dies under python3.11, and in
# that order: also where something in the midst of it runs code.
# env: PYRT_JIT_EXIT_COST=0
# expect: traces>=2
import gc
import sys
import weakref


class Node:
    def __init__(self, left, right):
        self.left = left
        self.right = right


class Other:
    def __init__(self, right, left, more):
        self.right = right
        self.left = left
        self.more = more


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        deaths.append(self.name)


deaths = []


def nest(depth, bottom):
    for level in range(depth):
        kind = level % 4
        if kind == 0:
            bottom = Node(bottom, level)
        elif kind == 1:
            bottom = (str(level), bottom, level)
        elif kind == 2:
            bottom = [level, bottom, None]
        else:
            bottom = Other(bottom, level * 0.5, {"level": level})
    return bottom


def tree(depth):
    if depth == 0:
        return Node(None, None)
    return Node(tree(depth - 1), tree(depth - 1))


def size(node):
    if node.left is None:
        return 1
    return 1 + size(node.left) + size(node.right)


def chain(length):
    node = None
    for number in range(length):
        node = Node(node, number)
    return node


def depth_of(thing):
    return 0 if thing is None else 1


def drop(depth, bottom):
    return depth_of(nest(depth, bottom))


for depth in (1, 3, 4, 5, 12, 47, 48, 49, 50, 51, 52, 60, 200):
    for _ in range(30):
        drop(depth, None)
    drop(depth, Loud(depth))
print(deaths)

for depth in range(9):
    print(sum(size(tree(depth)) for _ in range(20)), end=" ")
print()

# A finalizer somewhere in a tree, and somebody who keeps a part of one.
for at in range(12):
    deaths.clear()
    whole = tree(5)
    node = whole
    for level in range(at % 5):
        node = node.left if at % 2 else node.right
    node.left, node.right = Loud(("left", at)), Node(Loud(("inner", at)), Loud(("right", at)))
    kept = whole.left
    del node
    total = depth_of(whole)
    whole = None
    before = len(deaths)
    kept = None
    print(before, deaths)

# Weak references with callbacks at the bottom.
for depth in (2, 10, 49, 51, 70):
    told = []
    for number in range(25):
        bottom = Node(number, None)
        reference = weakref.ref(bottom, lambda _, number=number: told.append(number))
        whole = nest(depth, bottom)
        bottom = None
        depth_of(whole)
        whole = None
        assert reference() is None
    print(depth, told == list(range(25)))

for length in (40, 60, 1_000, 100_000):
    for _ in range(5):
        depth_of(chain(length))
    print(length)

# What the collector counts.
gc.collect()
gc.disable()
start = gc.get_count()[0]
for _ in range(200):
    size(tree(4))
print(gc.get_count()[0] - start < 50)
gc.enable()

# The order of attributes.
for left, right in ((1, 2), (None, "x")):
    for _ in range(60):
        whole = Other(left, right, Node(right, left))
        whole.extra = left
        found = list(vars(whole)), list(vars(whole.more))
    print(*found)
print(sys.getrefcount(Node) < 100_000)
