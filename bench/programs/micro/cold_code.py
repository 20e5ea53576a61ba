# Code that never gets hot: 1,500 different functions, each of them called five times.
# reach: 0.97
#
# `timing.py` calls `prepare` before each `run`, outside of the time that it measures, so that the
# functions are always new to the interpreter.
FUNCTIONS = 1_500
CALLS = 5

TEMPLATES = [
    """
def function_{n}(x):
    total = {a}
    for i in range({b}):
        if (i + x) % {c} == 0:
            total += i * {a}
        else:
            total -= i
    return total
""",
    """
def function_{n}(x):
    items = [x + {a}, x * {b}, {c}]
    items.append(len(items) + x % {c})
    table = {{"first": items[0], "last": items[-1]}}
    return sum(items) + table["last"] - table.get("other", {b})
""",
    """
def function_{n}(x):
    def inner(y, scale={b}):
        return y * scale + {a}
    if x % {c} < 2:
        return inner(x)
    return inner(x + 1, scale={c}) - inner(x)
""",
    """
def function_{n}(x):
    text = "v{a}" + str(x)
    count = 0
    for letter in text:
        if letter.isdigit():
            count += int(letter) * {b}
    try:
        return count // (x % {c})
    except ZeroDivisionError:
        return count
""",
    """
def function_{n}(x):
    low, high = {a}, {a} + {b}
    steps = 0
    while low < high:
        middle = (low + high) // 2
        if middle * {c} < x * {a}:
            low = middle + 1
        else:
            high = middle
        steps += 1
    return low + steps
""",
]


def source(n):
    return TEMPLATES[n % len(TEMPLATES)].format(n=n, a=n * 37 % 101, b=30 + n % 11, c=2 + n % 7)


SOURCE = "".join(source(n) for n in range(FUNCTIONS))


def prepare():
    namespace = {}
    exec(SOURCE, namespace)
    return [namespace[f"function_{n}"] for n in range(FUNCTIONS)]


def run(functions):
    total = 0
    for function in functions:
        for x in range(CALLS):
            total += function(x)
    return total


if __name__ == "__main__":
    print(run(prepare()))
