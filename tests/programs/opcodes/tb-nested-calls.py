# Uncaught traceback through functions, methods, lambdas, comprehensions, with its ^^^ columns.
# contract: 1
# expect-exit: 1
class Obj:
    def method(self, x, *, k):
        return [self.prop + y for y in (x, k)]

    @property
    def prop(self):
        return (lambda v: v["key"]["missing"])({"key": {"there": 1}})


def outer(n):
    if n:
        return 1 + outer(n - 1) * 2
    return sum(Obj().method(i, k=i + 1)[0] for i in range(3))


print("before")
outer(3)
