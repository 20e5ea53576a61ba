# Binary trees, allocated and walked by recursion.
# reach: 2.5
class Node:
    def __init__(self, left, right):
        self.left = left
        self.right = right


def grow(depth):
    if depth == 0:
        return Node(None, None)
    return Node(grow(depth - 1), grow(depth - 1))


def count(node):
    if node.left is None:
        return 1
    return 1 + count(node.left) + count(node.right)


def run():
    kept = grow(12)
    total = 0
    for depth in range(4, 13, 2):
        for _ in range(1 << (12 - depth)):
            total += count(grow(depth))
    return total + count(kept)


if __name__ == "__main__":
    print(run())
