# Decorators, lambdas and default values: order of evaluation, identity of defaults, late binding.
# contract: 1
trace = []


def deco(tag):
    trace.append(f"make {tag}")

    def apply(f):
        trace.append(f"apply {tag} {f.__name__}")

        def wrap(*a, **k):
            trace.append(f"call {tag}")
            return f(*a, **k)

        wrap.__name__ = f.__name__
        return wrap

    return apply


def d(v, tag):
    trace.append(tag)
    return v


@deco("outer")
@deco("inner")
def f(a, b=d(2, "default b"), *, c=d(3, "default c")) -> d(int, "annotation"):
    return a, b, c


print(f(1), trace)
trace.clear()


@deco("cls")
class K:
    trace.append("body")


print(type(K).__name__, trace)


def accumulate(x, acc=[]):
    acc.append(x)
    return acc


for i in range(5):
    accumulate(i)
print(accumulate(9), accumulate.__defaults__)
lams = [lambda: i for i in range(3)]
lams2 = [lambda i=i: i for i in range(3)]
print([g() for g in lams], [g() for g in lams2])
fns = []
for j in range(4):
    fns.append(lambda x, y=j, *, z=j * 2: (x, y, z, j))
print([g(0) for g in fns])
print((lambda *a, k=1, **kw: (a, k, kw))(1, 2, z=3))
print((lambda: (yield))().send(None))
print([(lambda f, n: f(f, n))(lambda s, n: 1 if n < 2 else n * s(s, n - 1), n) for n in range(8)])


def total(n):
    add = lambda a, b: a + b
    t = 0
    for i in range(n):
        t = add(t, i)
    return t


print(total(500))


def kwd(*, a=1, b: int = 2, **kw: "str") -> None:
    pass


print(kwd.__kwdefaults__, kwd.__annotations__, f.__closure__ is not None)
print((lambda a, /, b, *c, d, **e: 0).__code__.co_varnames)
try:

    @d(None, "none deco")
    def g():
        pass

except TypeError as ex:
    print(ex)
