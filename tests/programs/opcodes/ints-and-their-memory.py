# Ints come from CPython's pools and go back there: counted, traced, and also when they shrank.
# contract: 1
import sys
import tracemalloc


def work(n):
    x = 0
    for i in range(n):
        x += i * i
        x -= i
    return x


def kept(n):
    return [i * 1_000_003 for i in range(1000, n)]


def main():
    work(5000)
    before = sys.getallocatedblocks()
    held = kept(3000)
    print(1990 < sys.getallocatedblocks() - before < 2020)
    del held
    print(abs(sys.getallocatedblocks() - before) < 20)

    tracemalloc.start()
    held = kept(3000)
    print(tracemalloc.get_traced_memory()[0] > 2000 * 28)
    del held
    print(tracemalloc.get_traced_memory()[0] < 2000 * 28)
    tracemalloc.stop()

    # Made for thousands of digits, then of one, of three: in memory of its own and in a pool.
    for bits in (300, 3000, 30000):
        for rest in (5000, 1 << 70):
            large = 1 << bits
            small = (large + rest) - large
            print(small, small > 4999)
            del small
    many = [(1 << 4000) + i - (1 << 4000) for i in range(300, 2000)]
    print(sum(many))
    many.clear()
    print(id(5000 * work(3)) > 0, work(3000))


main()
