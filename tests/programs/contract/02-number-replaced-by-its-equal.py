# A variable gets a number equal to the one it had: the old object dies, and the new one is used.
# contract: 2
# modes: default, eager, guards
class Sub(int):
    def __add__(self, o):
        return int.__add__(self, 1)


def down(depth, i=1):
    if depth <= 0:
        return i
    i -= 0
    return (Sub(i) + 0) + down(depth - 1, i=0)


def same(n, f):
    n -= 0
    f = f * 1
    n |= 0
    made = [n, f, str(n)]
    f = -(-f)
    n = n + 0
    return Sub(n), f, made


start = 0
for turn in range(60):
    print(turn, down(4, ~start & 0x7FFFFFFFFFFFFFFF), down(2, 2**40 + turn))
    print(same(2**45 + turn, turn + 0.25))
