# One place calls functions, classes and other callables by turns, more of them than get traces of their own: the trace goes
# on through a call of whatever there is.
# env: PYRT_JIT_EXIT_COST=0
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1, trace_exits<=3000
import sys


class Base:
    def __init__(self, value=0):
        self.value = value

    def __eq__(self, other):
        return type(self) is type(other) and self.value == other.value


def make_class(number):
    class Made(Base):
        pass

    Made.__name__ = f"Made{number}"
    return Made


def make_function(number):
    exec(f"def function(value):\n    return value + {number}", space := {})
    return space["function"]


class Raises(Base):
    def __init__(self, value):
        super().__init__(value)
        if value % 1000 == 999:
            raise ValueError(value)


def classes(rounds):
    made = [make_class(number) for number in range(12)]
    count = 0
    for number in range(rounds):
        count += made[number % 12](number).value
    return count


def functions(rounds):
    made = [make_function(number) for number in range(12)]
    count = 0
    for number in range(rounds):
        count += made[number % 12](number)
    return count


def mixed(rounds):
    made = [make_class(1), make_function(2), int, abs, Raises, str, make_function(3).__call__, make_class(4), Raises]
    counts = {}
    for number in range(rounds):
        try:
            result = made[number % len(made)](number)
        except ValueError as error:
            line = error.__traceback__.tb_lineno, error.__traceback__.tb_next.tb_lineno
            key = "raised", line, error.__traceback__.tb_lasti
        else:
            key = type(result).__name__
        counts[key] = counts.get(key, 0) + 1
    return sorted(counts.items(), key=str)


def answers(rounds):
    wanted = [int, str, (int, str), Base, object, (), (Base, float), make_class(0)]
    values = [1, "a", 2.5, Base(), make_class(1)(), None, True]
    count = 0
    for number in range(rounds):
        value, class_ = values[number % 7], wanted[number % 8]
        if isinstance(value, class_):
            count += number
    return count


print(classes(6000))
print(functions(6000))
print(mixed(9000))
print(answers(9000))
print(sys.getrefcount(Base) > 3)
