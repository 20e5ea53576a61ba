# Ints that do not fit a register compare as in the interpreter, by value and sign, also with small ones.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
OPERATORS = "<", "<=", "==", "!=", ">", ">="

NUMBERS = [0, 1, -1, 2**30, -(2**30), 2**62, 2**63 - 1, 2**63, 2**63 + 1, -(2**63), -(2**63) - 1, 2**90, -(2**90), 2**400 + 1, 2**400]

SOURCE = """
def compare(numbers, limit):
    held = 0
    for number in numbers:
        if number {operator} limit:
            held += 1
        if limit {operator} number:
            held += 1_000
    return held
"""


def across(limit):
    """A sum that goes over a limit and comes back."""
    x = limit - 50
    step = 1
    turns = []
    for i in range(1_000):
        x += step
        if x > limit + 50:
            step = -1
            turns.append(x)
        elif x < limit - 50:
            step = 1
            turns.append(x)
    return x, turns


class Shy(int):
    """An int whose comparisons are the program's."""

    def __lt__(self, other):
        return NotImplemented

    def __gt__(self, other):
        return "bigger"


for operator in OPERATORS:
    scope = {}
    exec(SOURCE.format(operator=operator), scope)
    for limit in NUMBERS:
        for _ in range(3):
            result = scope["compare"](NUMBERS * 300, limit)
        print(operator, limit, result)
    print(operator, scope["compare"](NUMBERS * 5 + [Shy(2**70), Shy(3)], 2**65))
    try:
        scope["compare"]([2**70] * 50 + ["text"], 2**65)
    except TypeError as error:
        print(operator, error)

for limit in 2**63, -(2**63), 2**90, 0:
    print(across(limit))
