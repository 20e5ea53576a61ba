# Objects resurrected by __del__ stay valid, die once, and keep their values; collection order of cycles.
# contract: 2
import gc

saved = []


class R:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)
        saved.append(self)


def f():
    x = R(1)
    y = R(2)
    x = None
    print(len(saved))
    return y.n


print(f())
print([o.n for o in saved])
saved.clear()
print("cleared: no second __del__", len(saved))


class Node:
    def __init__(self, n, other=None):
        self.n, self.other = n, other

    def __del__(self):
        print("node", self.n, self.other and self.other.n)


def ring(n):
    first = last = Node(0)
    for i in range(1, n):
        last.other = Node(i)
        last = last.other
    last.other = first


gc.disable()
ring(4)
print("collected", gc.collect())


def chain(n):
    head = None
    for i in range(n):
        head = Node2(i, head)
    return head


class Node2:
    count = 0

    def __init__(self, n, nxt):
        self.n, self.nxt = n, nxt

    def __del__(self):
        Node2.count += 1


h = chain(20000)
del h
print(Node2.count)


def gen_chain(n):
    def g(prev):
        yield 1
        yield prev

    x = None
    for i in range(n):
        x = g(x)
        next(x)
    return x


x = gen_chain(500)
del x
print("generator chain freed")


class Del2:
    def __del__(self):
        self.sub = Del3()
        print("del2")


class Del3:
    def __del__(self):
        print("del3, made inside del2")


Del2()
print(gc.collect())
