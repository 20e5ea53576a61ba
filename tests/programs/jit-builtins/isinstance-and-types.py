# isinstance, type and constructors of builtin types in hot loops, with classes that change midway.
# contract: 1 7
# expect: traces>=1
import abc


class A:
    pass


class B(A):
    pass


class Liar:
    @property
    def __class__(self):
        Liar.asked += 1
        return A


Liar.asked = 0


class Meta(type):
    def __instancecheck__(cls, other):
        Meta.asked += 1
        return other == 3


Meta.asked = 0


class M(metaclass=Meta):
    pass


class Abstract(abc.ABC):
    pass


Abstract.register(int)


class MyInt(int):
    pass


def check(values, what, n):
    hits = []
    count = 0
    for i in range(n):
        x = values[i % len(values)]
        if isinstance(x, what):
            count += 1
            if i < len(values):
                hits.append(i)
    return count, hits


VALUES = [1, True, 2.5, "s", b"b", None, [], (), {}, set(), A(), B(), Liar(), MyInt(4), A, int, range(3), frozenset()]
for what in (int, float, str, object, A, B, (int, str), (A, float), (), ((int, (str,)), A), M, Abstract, type, bool, (Abstract, A), MyInt):
    print(what if isinstance(what, tuple) else what.__name__, check(VALUES, what, 900))
    for value in VALUES:
        print(check([value], what, 200), end=" ")
    print()
print(Liar.asked > 0, Meta.asked > 0)


def fresh_tuples(values, n):
    count = 0
    for i in range(n):
        x = values[i % len(values)]
        if isinstance(x, (int, float)):
            count += 1
        elif isinstance(x, (str, A)):
            count += 1000
    return count


print(fresh_tuples(VALUES, 900))


def rebased(n):
    class Base1:
        pass

    class Base2:
        pass

    class C(Base1):
        pass

    x = C()
    count = 0
    for i in range(n):
        if isinstance(x, Base2):
            count += 1
        if i == n // 2:
            C.__bases__ = (Base2,)
    return count


print(rebased(1000))


def reclassed(n):
    a, b = A(), B()
    count = 0
    for i in range(n):
        if isinstance(a, B):
            count += 1
        if type(a) is A:
            count += 10000
        if i == n // 2:
            a.__class__ = B
    return count


print(reclassed(1000))


def made_each_time(n):
    count = 0
    for i in range(n):
        class Local:
            pass
        x = Local()
        if isinstance(x, Local):
            count += 1
        if isinstance(x, A):
            count += 100
        if type(x) is Local:
            count += 10
    return count


print(made_each_time(300))


def shadowed(n):
    global isinstance
    count = 0
    for i in range(n):
        if isinstance(i, str):
            count += 1
        if i == n // 2:
            isinstance = lambda a, b: True
    del isinstance
    return count


print(shadowed(1000))


def wrong(n):
    for i in range(n):
        what = int if i < n - 3 else 5
        try:
            isinstance(i, what)
        except TypeError as error:
            print(i, error)


wrong(500)


def constructors(values, n):
    out = []
    for i in range(n):
        x = values[i % len(values)]
        y = (int(x), float(x), bool(x), str(x), repr(x), callable(x), type(x).__name__)
        if i < len(values) or i > n - 3:
            out.append(y)
    return out


print(constructors([1, -5, 0, True, False, 2.75, -2.75, 1e10, -0.0, MyInt(7), "12", " 3 ", 2**80, 2**62, -2**63], 600))
for value in (float("nan"), float("inf"), "x", None, [], -float("inf")):
    for function in (int, float, bool, str, callable):
        def hot(n, value=value):
            result = None
            for i in range(n):
                v = 1 if i < n - 2 else value
                try:
                    result = function(v)
                except (ValueError, TypeError, OverflowError) as error:
                    result = repr(error)
            return result
        print(hot(200), end=" ")
    print()
