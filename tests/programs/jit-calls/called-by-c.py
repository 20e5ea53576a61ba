# Functions that C calls again and again: short ones are compiled, too, and run without an evaluation of their own.
# expect: traces>=3
import _thread
import functools
import sys
import threading
import traceback

ROWS = [(n * 7_919 % 1_009, n) for n in range(3_000)]


def second(row):
    return -row[1]


def scaled(factor):
    return lambda row: row[0] * factor


def with_default(row, shift=1):
    return row[0] + shift


def who(row):
    frame = sys._getframe()
    seen.add((frame.f_code.co_name, frame.f_back.f_code.co_name, frame.f_back.f_lineno))
    return row[0]


def counted(row):
    seen.add(sys.getrefcount(row))
    return row[0]


def picky(row):
    if row[1] == 2_999:
        raise LookupError(row)
    return row[0]


def halves(row):
    return row[0] / row[1]


def add(total, row):
    return total + row[1]


for _ in range(6):
    print(sorted(ROWS, key=second)[:2], sorted(ROWS, key=scaled(-3))[:2], sorted(ROWS, key=with_default)[:2])
    print(max(ROWS, key=lambda row: row[1]), sum(map(second, ROWS)), functools.reduce(add, ROWS, 0))

for key in (who, counted):
    seen = set()
    for _ in range(6):
        sorted(ROWS, key=key)
    print(sorted(seen))

# What they leave by exits, and by exceptions.
for rows in (ROWS, ROWS[1:], [(1.5, 2), (1 << 70, 3), (True, 4)], ROWS[:1], ROWS):
    for key in (second, picky, halves):
        try:
            print(sorted(rows, key=key)[:3])
        except Exception:
            traceback.print_exc(file=sys.stdout)


# Calls of C within calls of C, as deep as can be.
def deep(n):
    return max((n,), key=deeper)


def deeper(n):
    return n if n == 0 else deep(n - 1)


for _ in range(300):
    deep(20)
try:
    deep(100_000)
except RecursionError as error:
    print(error)
print(deep(50))


# Somebody traces in the middle of it.
def tracer(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    return tracer


def starts(row):
    if row[1] == 1_500:
        sys.settrace(tracer)
    return row[0]


for _ in range(3):
    events = []
    sorted(ROWS[:1_503], key=starts)
    sys.settrace(None)
    print(events)


# Threads begin with such a call: there is no caller.
def finish(done):
    results.append(sys._getframe().f_back is None)
    done.release()


results = []
for _ in range(300):
    lock = threading.Lock()
    lock.acquire()
    _thread.start_new_thread(finish, (lock,))
    lock.acquire()
print(len(results), set(results))


# Generators and their like are made, not run.
def numbers(row):
    yield row


print(sum(len(list(made)) for made in map(numbers, ROWS)))


# The function goes while it runs.
def forget(row):
    global forget
    forget = None
    return row


for _ in range(300):
    def forget(row):
        global forget
        forget = None
        return row[0]

    print(*map(forget, ROWS[:1]), end=" ")
print()
