# A warm Python-to-Python call site sees new __code__, __defaults__ and __kwdefaults__ at once.
# contract: 7
def target(a, b=2):
    return ("t", a, b)


def other(a, b=20):
    return ("o", a, b)


def gen(a, b=3):
    yield ("g", a, b)


def more(a, b, c=4, *args):
    return ("m", a, b, c, args)


def site2(n):
    out = set()
    for i in range(n):
        out.add(target(1, 5))
    return sorted(out, key=str)


def site1(n):
    out = set()
    for i in range(n):
        out.add(target(1))
    return sorted(out, key=str)


def show(tag):
    for s in (site2, site1):
        try:
            print(tag, s.__name__, s(200))
        except Exception as e:
            print(tag, s.__name__, type(e).__name__, e)


orig = target.__code__
show("start")
target.__defaults__ = (7,)
show("defaults 7")
target.__defaults__ = None
show("no defaults")
target.__defaults__ = (1, 2)
show("two defaults")
target.__code__ = other.__code__
show("other code")
target.__code__ = more.__code__
show("more code")
target.__defaults__ = (30, 40)
show("more defaults")
target.__code__ = orig
target.__defaults__ = (2,)
show("back")
try:
    target.__code__ = (lambda: [target for _ in site1]).__code__
    print("no error")
except Exception as e:
    print(type(e).__name__, e)


def mid(n):
    out = []
    for i in range(n):
        if i == 150:
            target.__code__ = other.__code__
        if i == 160:
            target.__defaults__ = (99,)
        if i == 170:
            target.__code__ = orig
        r = target(i)
        if i in (0, 149, 150, 159, 160, 169, 170, n - 1):
            out.append(r)
    return out


target.__code__ = orig
target.__defaults__ = (2,)
print(mid(200))


def kwonly(*, k=1, l=2):
    return k, l


def kwsite(n):
    res = []
    for i in range(n):
        if i == 120:
            kwonly.__kwdefaults__ = {"k": 10, "l": 20}
        if i == 130:
            kwonly.__kwdefaults__["l"] = "twenty"
        if i == 140:
            kwonly.__kwdefaults__ = {"k": 3}
        try:
            r = kwonly(k=i)
        except TypeError as e:
            r = str(e)
        if i % 20 == 5 or i in (120, 130, 140):
            res.append(r)
    return res


print(kwsite(180))
