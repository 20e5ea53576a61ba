# sys._getframe and friends see the right function, line and instruction from callees of hot loops.
# contract: 4
import inspect
import sys
import traceback


def where(depth=1):
    f = sys._getframe(depth)
    return f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno, f.f_lasti


def caller(n):
    seen = set()
    t = 0
    for i in range(n):
        t += i
        if i % 500 == 0:
            seen.add(where())
        t -= 1
        if i % 700 == 0: seen.add(where(2))
    seen.add(
        where()
    )
    return t, sorted(seen)


print(caller(6000))


def multi(a,
          b=where(1),
          c=[where(1)]):
    return (where(),
            [where()
             for _ in "ab"],
            {where():
             where()},
            (lambda:
             where())(),
            f"""{where()}
            {where()}""")


for _ in range(120):
    r = multi(1)
print(r)


class C:
    here = where()

    def m(self):
        return where(), where(2)

    @property
    def p(self):
        return where()

    def __getattr__(self, n):
        return where(), where(2)

    def __add__(self, o):
        return where(2)

    def __iter__(self):
        yield where(2)
        yield where(2)

    def __enter__(self):
        print("enter", where(2))

    def __exit__(self, *a):
        print("exit", where(2))


def uses():
    c = C()
    out = [c.m(), c.p, c.zz, c + 1,
           list(c),
           [x for x in c]]
    with c:
        pass
    with c:
        for i in range(1):
            break
    return out


for x in uses():
    print(x)
print(C.here)


def stack_names():
    f = sys._getframe()
    out = []
    while f:
        out.append((f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno))
        f = f.f_back
    return out


def a(n):
    return b(n) if n else [stack_names() for _ in "x"][0]


def b(n):
    return (lambda: a(n - 1))()


for _ in range(60):
    r = a(3)
print(r)


def gen():
    yield stack_names()
    yield from gen2()


def gen2():
    yield stack_names()


def usegen():
    return list(gen())


for _ in range(60):
    r = usegen()
for row in r:
    print(row)
print([f.name for f in traceback.extract_stack()], [f.function for f in inspect.stack()])


def sorter():
    return sorted([3, 1], key=lambda v: (log.append(stack_names()), v)[1])


log = []
sorter()
print(log)
try:
    sys._getframe(1000)
except ValueError as e:
    print(e)
