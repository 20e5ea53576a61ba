# Uncaught error from a class body called by a decorator expression in a metaclass.
# contract: 1
# expect-exit: 1
def deco(arg):
    def wrap(cls):
        raise TypeError(f"deco refused {cls.__name__} {arg}")

    return wrap


class Meta(type):
    def __new__(m, n, b, d):
        return super().__new__(m, n, b, d)


@deco(
    "why"
)
class Victim(metaclass=Meta):
    x = [i for i in range(3)]

    def f(self):
        pass
