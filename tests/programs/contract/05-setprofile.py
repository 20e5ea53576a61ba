# sys.setprofile events (call, return, c_call, c_return, c_exception) set before, during and by callees of hot loops.
# contract: 5
import sys

events = []


def prof(frame, event, arg):
    if frame.f_code.co_filename != __file__:
        return
    n = getattr(arg, "__name__", None) if event.startswith("c_") else (arg if isinstance(arg, (int, str, type(None))) else type(arg).__name__)
    events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno, n))


def py(x):
    return x + 1


def cc(x):
    return len([x]) + abs(x)


def gen():
    yield 1
    yield 2


def boom():
    raise KeyError


class K:
    def __init__(self, v):
        self.v = v

    def m(self):
        return self.v


def body():
    t = py(1) + cc(2)
    for v in gen():
        t += v
    try:
        boom()
    except KeyError:
        pass
    try:
        [].pop()
    except IndexError:
        pass
    try:
        int("x")
    except ValueError:
        pass
    t += sum(map(py, [1, 2]))
    t += K(3).m()
    l = []
    l.append(1)
    isinstance(l, list)
    str(5)
    type(l)
    "a".join(["b"])
    {}.get(1)
    print("in body", end="\n")
    sorted([2, 1], key=lambda v: -v)
    [py(i) for i in range(2)]
    len()if False else len("x")
    return t


for _ in range(60):
    sys.stdout.write("")
    gen()
    py(1), cc(1), K(1).m()
sys.setprofile(prof)
r = body()
sys.setprofile(None)
print(r)
for e in events:
    print(*e)
events.clear()


def hot(n):
    t = 0
    for i in range(n):
        t += i
        if i == 5500:
            sys.setprofile(prof)
        if i > 5500 and i % 100 == 0:
            t += py(i) + abs(-i)
        if i == 5800:
            sys.setprofile(None)
    return t


print(hot(6000))
for e in events:
    print(*e)
events.clear()


def enable():
    sys.setprofile(prof)


def hot2(n):
    t = 0
    for i in range(n):
        t += i
        if i == 5500:
            enable()
    return t


print(hot2(5600))
sys.setprofile(None)
for e in events:
    print(*e)
events.clear()


def bad(frame, event, arg):
    if event == "c_call" and arg is len:
        raise ValueError("profiler failed")


sys.setprofile(bad)
try:
    cc(1)
except ValueError as e:
    print(e, sys.getprofile())
sys.setprofile(None)
import cProfile
import io
import pstats


def work(n):
    return sum(py(i) for i in range(n)) + fib(8)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


p = cProfile.Profile()
p.runcall(work, 50)
st = pstats.Stats(p, stream=io.StringIO())
print(sorted((k[2], v[0], v[1]) for k, v in st.stats.items() if k[0] == __file__))
