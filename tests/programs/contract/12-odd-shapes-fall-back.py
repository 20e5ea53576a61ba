# Code no trace compiler likes: irreducible jumps by f_lineno, edited bytecode, enormous loops; output is right.
# contract: 12
import sys
import types


def hot(n):
    t = 0
    for i in range(n):
        t += i
    return t


code = hot.__code__
swapped = types.FunctionType(code.replace(co_name="renamed", co_firstlineno=500), globals())
print(swapped(6000), swapped.__code__.co_firstlineno)
noline = types.FunctionType(code.replace(co_linetable=b""), globals())
print(noline(6000))
bigstack = types.FunctionType(code.replace(co_stacksize=code.co_stacksize + 50), globals())
print(bigstack(6000))
renamed = types.FunctionType(code.replace(co_varnames=("a", "b", "c")), globals())
print(renamed(6000))
consts = types.FunctionType(code.replace(co_consts=tuple(0.5 if c == 0 and type(c) is int else c for c in code.co_consts)), globals())
print(consts(6000))
strconst = types.FunctionType(code.replace(co_consts=tuple("s" if c == 0 and type(c) is int else c for c in code.co_consts)), globals())
try:
    strconst(6000)
except TypeError as e:
    print(e)


def two_backedges(n):
    i = 0
    t = 0
    while i < n:
        i += 1
        if i % 3 == 0:
            continue
        if i % 5 == 0:
            t += 1
            continue
        t += 2
    return t


print(two_backedges(6000))


def loop_in_finally(n):
    t = 0
    try:
        t += 1
    finally:
        for i in range(n):
            t += i
    try:
        1 / 0
    except ZeroDivisionError:
        for i in range(n):
            t -= i
    return t


print(loop_in_finally(6000))


def loop_in_with(n):
    class CM:
        def __enter__(self):
            return 0

        def __exit__(self, *a):
            return True

    t = 0
    with CM() as t:
        for i in range(n):
            t += i
            if i == n - 2:
                t += None
    return t, i


print(loop_in_with(6000))


def stack_held_loop(n):
    def inner():
        return [sum([i + j for j in range(3)]) for i in range(n)]

    return len([1, 2, *inner(), *[k for k in range(n) if k % 2]])


print(stack_held_loop(3000))


def match_in_loop(n):
    t = 0
    for i in range(n):
        match i % 4:
            case 0:
                t += 1
            case 1 | 2:
                t += i
            case x if x > 2:
                t -= x
    return t


print(match_in_loop(6000))


def yields_and_loops(n):
    def g():
        t = 0
        for i in range(n):
            t += i
            if i % 2000 == 0:
                t = (yield t) or t
        return t

    it = g()
    out = [next(it), it.send(5), it.send(0.5)]
    try:
        it.send(None)
    except StopIteration as e:
        out.append(e.value)
    return out


print(yields_and_loops(6000))


def exec_loop(n):
    t = 0
    for i in range(n):
        exec("pass")
        t += eval("i + 1")
    return t


print(exec_loop(300))


def del_in_loop(n):
    for i in range(n):
        x = i
        del x
        y = z = i
        del y
    return z


print(del_in_loop(6000))


def imports_in_loop(n):
    t = 0
    for i in range(n):
        import math
        from math import floor as fl

        t += fl(math.sqrt(i))
    return t


print(imports_in_loop(2000))


def format_in_loop(n):
    t = 0
    for i in range(n):
        t += len(f"{i:05}{t}")
    return t


print(format_in_loop(3000))
