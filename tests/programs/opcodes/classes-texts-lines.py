# What tier 1 and its replacements of C functions do by themselves: the text of ints, parts of sequences, questions
# about classes, lines of instructions, calls from C, pairs of stores of which the first one's old value dies.
# contract: 1, 2
import functools
import itertools
import sys

# The text of ints: new objects each, of all widths, at the recursion limit, too.
ints = [0, 7, -7, 10, 99, -100, 2**30 - 1, 2**30, -(2**30), 10**9, 2**60 - 1, 2**60, -(2**60), 10**18, 10**40]
for number in ints:
    print(f"{number}|{number!s}|{number!r}|{number:>5}|{str(number)}")
five = ints[1]
print(f"{five}" is f"{five}", str(True), f"{True}", str(five) is str(five))


class Number(int):
    def __str__(self):
        return "a number"

    def __format__(self, spec):
        return "formatted " + spec


print(f"{Number(3)} {Number(3)!s} {Number(3):x}", str(Number(3)))


def texts_at_the_limit(depth=0):
    try:
        return texts_at_the_limit(depth + 1)
    except RecursionError:
        pass
    try:
        return depth, str(five) + f"{five}"
    except RecursionError as error:
        return str(error)


print(type(texts_at_the_limit()))

# Parts of sequences.
ends = [None, 0, 1, 3, 7, -1, -3, -7, 2**31, -(2**31), 2**62, 2**70, -(2**70), True]
for sequence in ("abcde", "äβ😀de", "", [1, 2, 3, 4, 5], [], (1, 2, 3, 4, 5), (), b"abcde", bytearray(b"abc"), range(5)):
    parts = [sequence[start:stop] for start, stop in itertools.product(ends, ends)]
    print(len(set(map(repr, parts))), parts[:3], parts[-4:], sequence[::2], sequence[::-1], sequence[1:4:1])
text, row, nothing, empty = "abc", (1, 2), "", ()
print(text[:] is text, text[0:9] is text, row[:] is row, text[3:] is nothing, row[5:] is empty)


class Index:
    def __index__(self):
        print("asked")
        return 1


class Part(list):
    def __getitem__(self, key):
        return key


print([1, 2, 3][Index():], Part()[1:2], "abc"[:Index()])
for bad in ("abc", [1], (1,)):
    try:
        bad["a":]
    except TypeError as error:
        print(error)


# Questions about classes.
class Meta(type):
    def __instancecheck__(cls, other):
        return other == 1


class Asked(metaclass=Meta):
    pass


class Liar:
    __class__ = int


class Hidden:
    @property
    def __class__(self):
        raise ValueError("hidden")


class Lookup:
    def __getattribute__(self, name):
        print("looks for", name)
        return str


class Fallback:
    def __getattr__(self, name):
        print("asks for", name)
        raise AttributeError(name)


class Child(Fallback):
    pass


def answers(objects, classes):
    for thing in objects:
        row = []
        for wanted in classes:
            try:
                row.append(isinstance(thing, wanted))
            except (TypeError, ValueError) as error:
                row.append(str(error))
        print(type(thing).__name__, row)


things = [1, True, "a", Liar(), Hidden(), Lookup(), Fallback(), Child(), Asked(), int, Asked]
for _ in range(20):
    isinstance(1, str)
answers(things, [int, str, type, Asked, Fallback, object, (int, str), (), 3])


# Lines of instructions that raise, far from the beginning and back.
def raises(which):
    try:
        return (
            1 // which
            +
            [][
                which
            ]
        )
    except ZeroDivisionError:
        raise


for which in (0, 1):
    try:
        raises(which)
    except Exception as error:
        trace = error.__traceback__
        while trace:
            print(trace.tb_lineno - raises.__code__.co_firstlineno, trace.tb_frame.f_lineno > 0)
            trace = trace.tb_next
print([line and line - raises.__code__.co_firstlineno for _, _, line in raises.__code__.co_lines()])


# Calls from C, of functions of all kinds.
def plain(a, b=2, *rest, c=3, **more):
    return a, b, rest, c, more


def generator(a):
    yield a


print(functools.partial(plain, 1, c=4, d=5)(6), list(map(plain, [1, 2])), next(functools.partial(generator, 3)()))
print(sorted([3, 1, 2], key=lambda value: -value), functools.reduce(lambda a, b: a * b, [1, 2, 3, 4]))
for bad in (lambda: list(map(plain)), lambda: functools.partial(plain)(), lambda: functools.partial(generator, 1, 2)()):
    try:
        bad()
    except TypeError as error:
        print(error)
exec("print(sorted(locals()))", {"__builtins__": {"print": print, "sorted": sorted, "locals": locals}}, {"here": 1})


# Pairs of stores.
class Dies:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        frame = sys._getframe(1)
        print("dies", self.name, frame.f_lineno - frame.f_code.co_firstlineno, frame.f_locals.get("second") is None)


def pairs():
    first, second = Dies("first"), Dies("second")
    for (first,
         second) in [(None, None), (1.5, 10**9), (2.5, 10**10)]:
        pass
    first = second = Dies("both")
    first, second = 0.5, None


for _ in range(3):
    pairs()
