# What `__init__` returns is given up, also where a local of it held None.
# contract: 3
# expect: traces>=1
import sys


class Base:
    def __init__(self, t):
        self.t = t


class Given(Base):
    def __init__(self, t, r=None):
        Base.__init__(self, t)
        self.r = 3


class Stored(Base):
    def __init__(self, t, r=None):
        super().__init__(t)
        self.r = r


class Local(Base):
    def __init__(self, t):
        nothing = None
        self.t = [t]


class Handled(Base):
    def __init__(self, t, r=None):
        try:
            Base.__init__(self, t)
        finally:
            r = None


def make(cls, n):
    for i in range(n):
        o = cls(i)
    return o.t


for cls in Given, Stored, Local, Handled:
    make(cls, 3000)
    before = sys.getrefcount(None)
    make(cls, 4000)
    print(cls.__name__, abs(sys.getrefcount(None) - before) < 100)
