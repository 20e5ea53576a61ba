# A trace function is set by what a hot loop calls without inlining it: what comes next in the same round is traced.
# contract: 5
import sys

events = []
FIRST, LAST = 700, 703


def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((frame.f_code.co_name, event))
    return tracer


def switch(i):
    if i == FIRST:
        sys.settrace(tracer)
    elif i == LAST:
        sys.settrace(None)
    return 1


def with_star(*args):
    return switch(args[0])


def with_names(**names):
    return switch(names["i"])


class Operand:
    def __add__(self, i):
        return switch(i)

    def __getattr__(self, name):
        return switch(self.i)

    def __contains__(self, i):
        return switch(i)

    def __setitem__(self, i, value):
        switch(i)

    def __iter__(self):
        switch(self.i)
        return iter((1,))


class Dying:
    def __init__(self, i):
        self.i = i

    def __del__(self):
        switch(self.i)


def after(x):
    return x + 1


def star(n):
    total = 0
    for i in range(n):
        total += with_star(i, 2)
        total += after(i)
    return total


def names(n):
    total = 0
    for i in range(n):
        total += with_names(i=i)
        total += after(i)
    return total


def from_c(n):
    total = 0
    for i in range(n):
        total += sum(map(switch, (i,)))
        total += after(i)
    return total


def by_sort(n):
    total = 0
    for i in range(n):
        total += len(sorted((i,), key=switch))
        total += after(i)
    return total


def operators(n):
    operand = Operand()
    total = 0
    for i in range(n):
        total += operand + i
        total += after(i)
    return total


def attributes(n):
    operand = Operand()
    total = 0
    for i in range(n):
        operand.i = i
        total += operand.missing
        total += after(i)
    return total


def containment(n):
    operand = Operand()
    total = 0
    for i in range(n):
        total += i in operand
        total += after(i)
    return total


def stores(n):
    operand = Operand()
    total = 0
    for i in range(n):
        operand[i] = total
        total += after(i)
    return total


def iteration(n):
    operand = Operand()
    total = 0
    for i in range(n):
        operand.i = i
        for x in operand:
            total += after(x)
        total += after(i)
    return total


def deaths(n):
    total = 0
    for i in range(n):
        Dying(i)
        total += after(i)
    return total


for function in (star, names, from_c, by_sort, operators, attributes, containment, stores, iteration, deaths):
    events.clear()
    result = function(1000)
    print(function.__name__, result, len(events), events)
