# Functions so long that traces of their callers have no room for them: they are called, and the rest is recorded.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=10
import sys


def make(name, count, extra=""):
    lines = [f"def {name}(x, y=1, *, z=2):"]
    lines += [f"    for k in (1, 2, 3, 4): x = x + y * k - (z ^ {i}) + table[k]" for i in range(count)]
    lines += [extra or "    return x"]
    space = {"sys": sys, "table": list(range(5))}
    exec("\n".join(lines), space)
    return space[name]


long = make("long", 4)
raises = make("raises", 4, "    if x % 97 == 0: raise ValueError(x)\n    return x")
looks = make("looks", 4, "    return sys._getframe(1).f_lineno - sys._getframe(1).f_code.co_firstlineno")


def calls(n):
    total = 0
    for i in range(n):
        total += long(i) + long(i, 2) - long(i, z=i & 3)
        total += long(total & 1023, y=i)
    return total


def catches(n):
    caught = 0
    for i in range(n):
        try:
            caught += raises(i) & 1
        except ValueError as error:
            caught += 1000 + error.__traceback__.tb_next.tb_lineno
    return caught


def seen_from(n):
    lines = set()
    for i in range(n):
        lines.add(looks(i))
        lines.add(
            looks(i, i),
        )
    return lines


def nested(n):
    def inner(x):
        return long(x) + long(x + 1)

    return sum(inner(i) for i in range(n))


def replaced(n):
    global long
    before, total = long, 0
    for i in range(n):
        if i == n - 50:
            long = lambda x, y=1, z=2: x
        total += long(i)
    long = before
    return total


def main():
    for function in calls, catches, seen_from, nested, replaced:
        print(function.__name__, function(1200))


main()
