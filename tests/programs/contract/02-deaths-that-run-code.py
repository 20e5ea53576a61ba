"""Operands whose death runs code of the program in every round: the trace goes on after it."""

import sys
import weakref


class Noisy:
    def __init__(self, name, log):
        self.name = name
        self.log = log

    def __del__(self):
        frame = sys._getframe(1)
        self.log.append((self.name, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))

    def __add__(self, other):
        return self.name + other.name


class Held:
    pass


def temporaries(n, log):
    total = 0
    for i in range(n):
        total += len([Noisy(i, log)] + [Noisy(-i, log)])
        last = i
    return total, last


def in_locals(n, log):
    kept = None
    for i in range(n):
        kept = [Noisy(i, log), kept and None]
        kept = kept[1:]
    return kept


def sums(n, log):
    total = 0
    for i in range(n):
        total += Noisy(i, log) + Noisy(i + 1, log)
    return total


def with_weakrefs(n, log):
    seen = []
    for i in range(n):
        held = Held()
        seen.append(weakref.ref(held, lambda _, i=i: log.append(i)))
        del held
    return len(seen), all(ref() is None for ref in seen)


def changes_the_caller(n):
    class Changing:
        def __del__(self):
            nonlocal mode
            mode += 1

    mode = 0
    found = []
    for i in range(n):
        [Changing()] + []
        found.append(mode)
    return found


def raising(n):
    class Raising:
        def __del__(self):
            raise ValueError("ignored")

    unraisable = []
    sys.unraisablehook = lambda info: unraisable.append(str(info.exc_value))
    for i in range(n):
        [Raising()] * 1
    sys.unraisablehook = sys.__unraisablehook__
    return len(unraisable)


def long_lists(n):
    items = [object() for _ in range(300)]
    words = [str(i) * 3 for i in range(300)]
    for i in range(n):
        c = i % 300
        items[:] = items[c : c + 1] + items[0:c] + items[c + 1 :]
        words = words[c:] + [str(i)] + words[: c - 1]
    return len(items), words[:3], sys.getrefcount(items[0])


def truths(n):
    values = [b"", b"x", bytearray(), bytearray(b"y"), set(), {1}, frozenset(), frozenset("a"), range(0), range(3),
              {}.keys(), {1: 2}.keys(), {}.values(), {1: 2}.values(), 0j, 1j, memoryview(b""), memoryview(b"z"),
              len, Held, Held(), ..., NotImplemented is None]
    found = []
    for value in values:
        count = 0
        for i in range(n):
            if value:
                count += 1
            elif not value:
                count -= 1
        found.append(count)
    mixed = 0
    for i in range(n):
        mixed += 1 if values[i % 16] else 2
    return found, mixed


for function in (temporaries, in_locals, sums, with_weakrefs):
    log = []
    print(function.__name__, function(2500, log), len(log), log[:6], log[-6:])
print(changes_the_caller(3000)[-3:])
print(raising(2500))
print(long_lists(3000))
print(truths(900))
