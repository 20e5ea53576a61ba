# Objects made, replaced and dropped inside hot numeric loops die on the same iteration.
# contract: 2
events = []


class N:
    __slots__ = ("n",)

    def __init__(self, n):
        self.n = n

    def __del__(self):
        events.append(self.n)


def every(n):
    t = 0
    for i in range(n):
        x = N(i)
        t += i
        if len(events) != i:
            print("late at", i, len(events))
            break
    return t


print(every(6000), len(events), events[:3], events[-2:])
events.clear()


def rare(n):
    t = 0
    x = None
    seen = []
    for i in range(n):
        t += i * 2
        if i % 1000 == 999:
            before = len(events)
            x = N(i)
            seen.append((i, before, len(events)))
    return t, seen


print(rare(6000), events)
events.clear()


def held_across(n):
    x = N("held")
    t = 0.0
    for i in range(n):
        t += i * 0.5
        if i == n - 10:
            x = None
        if i == n - 5:
            print("at n-5", events)
    return t


print(held_across(6000), events)
events.clear()


def tmp_arg(n):
    t = 0
    for i in range(n):
        t += N(i).n
        t -= len(events)
    return t


print(tmp_arg(6000))
events.clear()


def replaced_by_int(n):
    x = N("first")
    out = []
    for i in range(n):
        if i == 5500:
            out.append(list(events))
        x = i
    return x, out


print(replaced_by_int(6000), events)
events.clear()


def container(n):
    l = []
    for i in range(n):
        l.append(N(i))
        if len(l) > 3:
            l.pop(0)
    return len(events)


print(container(3000), len(events))
events.clear()


def alternating(n):
    x = 0
    for i in range(n):
        if i % 2:
            x = N(i)
        else:
            x = i
        if i % 1000 == 500:
            print(i, len(events), type(x).__name__)


alternating(4000)
print(len(events))
