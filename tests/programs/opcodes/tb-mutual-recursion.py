# Uncaught RecursionError through three functions, a method and a property.
# contract: 8
# expect-exit: 1
import sys

sys.setrecursionlimit(120)


class R:
    @property
    def p(self):
        return g(self)

    def m(self):
        return self.p


def g(r):
    return r.m()


def start():
    R().m()


start()
