# A walk through the C stack has an end, as exceptions of C++, cancelled threads and debuggers need: through the
# interpreter, through compiled code, through functions of Python that C calls, and in threads.
import ctypes
import threading

ENOUGH = 5

unwinder = ctypes.CDLL("libgcc_s.so.1")
unwinder._Unwind_GetCFA.argtypes = [ctypes.c_void_p]
unwinder._Unwind_GetCFA.restype = ctypes.c_size_t
Step = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def has_end():
    """Whether a walk from here ends, rather than come to the same frame again and again."""
    places = []

    def step(context, _):
        places.append(unwinder._Unwind_GetCFA(context))
        return ENOUGH if places.count(places[-1]) > 10 else 0

    unwinder._Unwind_Backtrace(Step(step), None)
    return len(places) > 2 and places.count(places[-1]) <= 10


def walks(function, *arguments):
    """How often a function looks, and whether each walk ends."""
    seen = []

    def note(_):
        seen.append(has_end())
        return 0

    function(note, *arguments)
    return len(seen), all(seen)


def direct(note):
    note(0)


def by_sort(note):
    [3, 1, 2].sort(key=note)


def by_map(note):
    return list(map(note, range(3)))


def by_generator(note):
    return sum(note(i) for i in range(3))


def in_a_hot_loop(note):
    total = 0
    for i in range(40_000):
        if i % 10_000 == 9_999:
            total += min([i, -i], key=note)
    return total


def in_a_hot_function(note):
    def often(i):
        return sorted([i], key=note)[0] if i % 5_000 == 4_999 else i

    return sum(map(often, range(20_000)))


class Compared:
    def __init__(self, note):
        self.note = note

    def __lt__(self, other):
        return bool(self.note(0))


def by_operators(note):
    return sorted([Compared(note), Compared(note), Compared(note)])


def through_many(note, levels):
    return sorted([levels], key=lambda n: note(0) if n == 0 else through_many(note, n - 1))


def main():
    for function in direct, by_sort, by_map, by_generator, in_a_hot_loop, in_a_hot_function, by_operators:
        print(function.__name__, *walks(function))
    print("through_many", *walks(through_many, 10))


main()
thread = threading.Thread(target=main)
thread.start()
thread.join()
