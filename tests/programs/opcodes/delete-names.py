# del of locals, globals, class and exec names, unbound reads afterwards, exact messages.
# contract: 1
def local(flag):
    out = []
    if flag:
        x = 1
    for f in range(2):
        try:
            out.append(x)
            del x
        except UnboundLocalError as e:
            out.append(str(e))
    try:
        del x
    except UnboundLocalError as e:
        out.append(str(e))
    return out


for _ in range(120):
    a, b = local(True), local(False)
print(a, b)


def loopvar(n):
    t = 0
    for i in range(n):
        t += i
        del i
    try:
        return i
    except UnboundLocalError as e:
        return t, str(e)


print(loopvar(200))


def zero():
    for i in []:
        pass
    return i


try:
    zero()
except UnboundLocalError as e:
    print(e, e.name)


def exc_target():
    e = "before"
    try:
        raise ValueError(1)
    except ValueError as e:
        pass
    try:
        return e
    except UnboundLocalError as err:
        return str(err)


print(exc_target())


def exc_target2():
    try:
        raise ValueError(1)
    except ValueError as e:
        del e
    return "fine"


print(exc_target2())
g = 1
del g
try:
    g
except NameError as e:
    print(e)
try:
    del g
except NameError as e:
    print(e)


def gdel():
    global gg
    gg = 1
    del gg
    del gg


try:
    gdel()
except NameError as e:
    print(e)


def argdel(a, b=2, *c, **d):
    del a, b
    del (c, [d])
    return sorted(locals())


print(argdel(1), argdel(1, 2, 3, z=4))


class Noisy:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)


def order():
    a = Noisy("a")
    b = Noisy("b")
    c = a
    del a
    print("a deleted")
    del c
    print("c deleted")
    b = None
    print("b cleared")


order()


def several():
    a, b, c = Noisy(1), Noisy(2), Noisy(3)
    del c, a
    print("two gone")


several()


def wildcard_hint():
    lenght = 1
    try:
        return lenth
    except NameError as e:
        return str(e)


print(wildcard_hint())
exec("x = 1\ndel x\ntry:\n    x\nexcept NameError as e:\n    print(e)")


def augunbound():
    try:
        v += 1
    except UnboundLocalError as e:
        return str(e)
    v = 1


print(augunbound())
