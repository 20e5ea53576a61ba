# Functions within functions: made again and again from the same code, with other cells, defaults and
# globals, which change while what calls them is hot.
# contract: 1 2 4 7 8
# expect: traces>=1
import gc
import sys
import traceback
import types
import weakref


def account(balance, rate=2):
    def deposit(amount, rate=rate, *, fee=1, limit=10_000):
        nonlocal balance
        balance = (balance + amount * rate - fee) % limit
        return balance

    return deposit


def drive(deposit, rounds=400):
    total = 0
    for i in range(rounds):
        total += deposit(i)
        total -= deposit(i, 3)
        total += deposit(i, fee=5)
        total += deposit(i, limit=977, fee=i)
    return total


for start in range(30):
    print(drive(account(start, start % 4), 60), end=" ")
print()

# Defaults change midway.


def changing(change, at=250, rounds=500):
    deposit = account(7)
    results = []
    try:
        for i in range(rounds):
            if i == at:
                change(deposit)
            results.append(deposit(i))
    except Exception as error:
        frames = traceback.extract_tb(error.__traceback__)
        print(type(error).__name__, error, [(frame.name, frame.lineno) for frame in frames])
    print(len(results), sum(map(hash, results)) % 1_000_003)


def set_defaults(deposit):
    deposit.__defaults__ = (9,)


def drop_defaults(deposit):
    deposit.__defaults__ = None


def float_default(deposit):
    deposit.__defaults__ = (0.5,)


def mutate_keyword(deposit):
    deposit.__kwdefaults__["fee"] = 77


def delete_keyword(deposit):
    del deposit.__kwdefaults__["fee"]


def add_keyword(deposit):
    deposit.__kwdefaults__["other"] = 1
    deposit.__kwdefaults__[3] = 1


def reorder_keyword(deposit):
    fee = deposit.__kwdefaults__.pop("fee")
    deposit.__kwdefaults__["fee"] = fee + 1


def drop_keywords(deposit):
    deposit.__kwdefaults__ = None


class Strange(dict):
    def __getitem__(self, key):
        print("asked for", key)
        return 5


def strange_keywords(deposit):
    deposit.__kwdefaults__ = Strange(fee=2, limit=50)


def set_code(deposit):
    def other(amount, rate=2, *, fee=1, limit=10_000):
        nonlocal_balance = balance
        return nonlocal_balance * 2 + amount

    balance = 0
    deposit.__code__ = other.__code__


def set_code_raising(deposit):
    def other(amount, rate=2, *, fee=1, limit=10_000):
        raise KeyError(balance, amount)

    balance = 0
    deposit.__code__ = other.__code__


for change in [set_defaults, drop_defaults, float_default, mutate_keyword, delete_keyword, add_keyword,
               reorder_keyword, drop_keywords, strange_keywords, set_code, set_code_raising]:
    print(change.__name__, end=": ")
    changing(change, rounds=300 if change is strange_keywords else 500, at=298 if change is strange_keywords else 250)

# The same code with other globals, and other builtins.


def user_of_globals():
    def user(x):
        return x + shift + len("ab")

    return user


shift = 10
template = user_of_globals()


def sum_of(functions):
    total = 0
    for i in range(300):
        for function in functions:
            total += function(i)
    return total


others = [types.FunctionType(template.__code__, {"shift": n}) for n in range(3)]
print(sum_of([template]), sum_of([template] + others))
strange = types.FunctionType(template.__code__, {"shift": 1, "__builtins__": {"len": lambda text: 100}})
print(sum_of([strange]), sum_of([template, strange]))
shift = 20
print(sum_of([template]))

# Code that dies, and other code that may come to the same address.

SOURCE = """
def make():
    def inner(x, y={n}):
        return x * {n} + y{extra}
    return inner
"""


def apply(function):
    total = 0
    for i in range(120):
        total += function(i)
    return total


for n in range(25):
    namespace = {}
    exec(SOURCE.format(n=n, extra=" - 1" * (n % 3)), namespace)
    function = namespace["make"]()
    print(apply(function), end=" ")
    gone = weakref.ref(function.__code__)
    del function, namespace
    gc.collect()
    print(gone() is None, end=" ")
print()

# What a cell holds dies when it is replaced, not earlier and not later.


class Noisy:
    def __init__(self, number):
        self.number = number

    def __del__(self):
        log.append(self.number)


log = []


def holder():
    held = Noisy(-1)

    def swap(n, default=Noisy(1000)):
        nonlocal held
        before = held
        held = Noisy(n)
        return before.number + default.number

    return swap


def swap_all(rounds):
    swap = holder()
    total = 0
    for n in range(rounds):
        total += swap(n)
        log.append("after")
    return total


print(swap_all(150), len(log), log[:6], log[-6:])


def replaced_within_expression():
    value = 1 << 40

    def put(n):
        nonlocal value
        value = n
        return n

    total = 0
    for n in range(400):
        total += value + put((1 << 40) + n) + value
    return total


print(replaced_within_expression())


def cell_of_floats():
    value = 0.5

    def grow(by):
        nonlocal value
        old = value
        value = old * by + old
        return value - old

    total = 0.0
    for n in range(300):
        total += grow(1.0 / (n + 1))
    return total


print(cell_of_floats())


def cell_unbound():
    def get():
        return late

    results = []
    for n in range(300):
        if n == 200:
            late = 1
        try:
            results.append(get())
        except NameError as error:
            results.append(str(error)[:20])
        if n == 250:
            del late
    return results[0], results[210], results[299]


print(cell_unbound())

# Frames of inner functions, looked at.


def watched():
    seen = []

    def inner(n, *, fee=3):
        if n == 280:
            frame = sys._getframe()
            seen.append((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno,
                         sorted(frame.f_locals.items(), key=str)[:2], frame.f_back.f_code.co_name))
        return n + fee

    total = 0
    for n in range(300):
        total += inner(n)
    return total, seen


print(watched()[0], watched()[1][0][:2], watched()[1][0][3])

# Recursion through a closure, up to the limit.


def recursive(limit):
    def down(n, step=1, *, floor=0):
        return n if n <= floor else down(n - step) + 1

    total = 0
    for n in range(limit):
        total += down(n % 50)
    return total, down


print(recursive(300)[0])
down = recursive(1)[1]
try:
    down(5_000)
except RecursionError as error:
    print("RecursionError", error)
