# Uncaught error raised by __exit__ while another one is under way.
# contract: 2
# expect-exit: 1
class CM:
    def __init__(self, n):
        self.n = n

    def __enter__(self):
        return self

    def __exit__(self, t, v, tb):
        print("exit", self.n, t.__name__)
        if self.n == 1:
            raise KeyError("from exit 1")

    def __del__(self):
        print("del", self.n)


def f():
    with CM(0), CM(1), CM(2) as c:
        c = None
        x = [1, 2, 3]
        x[len(x)]


f()
