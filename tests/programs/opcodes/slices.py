# Slices with every mixture of bounds: load, store, delete, evaluation order, user types, bad bounds.
# contract: 1
class S:
    def __getitem__(self, k):
        return k

    def __setitem__(self, k, v):
        print("set", k, v)

    def __delitem__(self, k):
        print("del", k)


class I:
    def __init__(self, v):
        self.v = v

    def __index__(self):
        print("index", self.v)
        return self.v


s = S()
a, b, c = 1, 5, 2
print(s[:], s[a:], s[:b], s[a:b], s[::c], s[a:b:c], s[a:b, ::c], s[..., None], s[a:b:None])
s[a:b] = "v"
s[::] = "w"
del s[a::c]
l = list(range(12))


def loads(l, a, b, c):
    return l[a:b], l[a:b:c], l[::c], l[b:a:-1], l[-a:], l[:-b], l[100:], l[-100:3]


for _ in range(150):
    r = loads(l, 1, 5, 2)
print(r)
print(loads("abcdefghijkl", 1, 5, 2))
print(loads(tuple(range(6)), 0, 3, 1))
print(loads(range(20), 2, 9, 3))
print(l[I(2) : I(8) : I(3)])
m = list(range(10))
m[2:5] = "xyzw"
print(m)
m[::2] = range(6) if len(m) > 10 else range(len(m[::2]))
print(m)
m[5:2] = [0, 0]
print(m)
del m[1::3]
print(m)
m[:0] = (i for i in range(2))
print(m)
m[len(m) :] = [99]
m += m[:2]
m *= 2
print(m)
for f in (
    lambda: l[::0], lambda: l["a":], lambda: l[1.5:2], lambda: l[:: I("x")], lambda: l.__setitem__(slice(0, 4, 2), [1]),
    lambda: l.__setitem__(slice(0, 4), 5), lambda: s.zz, lambda: l[{}: []],
):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


def order():
    out = []

    def t(x, v=None):
        out.append(x)
        return v if v is not None else x

    t("obj", l)[t(1) : t(3) : t(1)]
    t("obj", [0] * 9)[t(2) : t(4)] = t("value", [1, 2])
    del t("obj", [0] * 9)[t(0) :]
    t("o", [0] * 9)[t(0)] += t(7)
    return out


print(order())


def window(n):
    data = bytes(range(200))
    t = 0
    for i in range(n):
        t += len(data[i : i + 4]) + data[i]
    return t


print(window(150))
