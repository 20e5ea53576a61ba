# An exception gives each frame below it an object, which stays until the frame is cleared. Trees return with it
# all the same, unless somebody else has it.
# contract: 2 4
# expect: traces>=1
import sys


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        deaths.append(self.name)


class Items:
    """Iterated by `__getitem__`, which ends in an exception."""

    def __init__(self, items):
        self.items = items

    def __getitem__(self, index):
        return self.items[index]


deaths = []
kept = []


def fails(n):
    if n % 3:
        raise KeyError(n)
    return n


def total(items):
    result = 0
    for a, b in items:
        result += a * b
    return result


def caught(n):
    local = [n]
    try:
        fails(n)
    except KeyError as error:
        local.append(error.args[0])
    for i in range(3):
        local.append(i + n)
    return local


def keeps(n, keep):
    mine = Loud(n)
    other = [n, n + 1]
    try:
        fails(n)
    except KeyError:
        if keep:
            kept.append(sys._getframe())
    for i in range(4):
        other.append(i)
    return len(other)


def keeps_traceback(n, keep):
    words = [str(n)] * 2
    try:
        fails(n)
    except KeyError as error:
        if keep:
            kept.append(error.__traceback__)
    count = 0
    while count < 5:
        count += len(words)
    return count


def traced(n, trace):
    mine = Loud(-n)
    try:
        fails(n)
    except KeyError:
        if trace:
            sys._getframe().f_trace = trace
    for i in range(5):
        n += i
    return n


sums = 0
for n in range(3000):
    sums += total(Items([(1, n), (n, 2)]))
    sums += sum(caught(n))
    sums += keeps(n, n % 500 == 1)
    sums += keeps_traceback(n, n % 700 == 1)
    sums += traced(n, (lambda *_: None) if n % 600 == 1 else None)
    if n % 1000 == 999:
        print(n, sums, len(deaths), deaths[-4:], len(kept))

for it in kept:
    if hasattr(it, "tb_frame"):
        print(it.tb_lineno, it.tb_frame.f_locals["words"], it.tb_frame.f_back.f_code.co_name)
    else:
        print(it.f_lineno, sorted(it.f_locals), it.f_locals["n"], it.f_locals["other"], it.f_back.f_code.co_name)
deaths.clear()
kept.clear()
print(deaths)
