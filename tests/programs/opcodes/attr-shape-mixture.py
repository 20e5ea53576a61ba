# One attribute site sees many instance layouts: inline values, materialised dicts, deleted keys, many keys.
# contract: 1 7
class P:
    def __init__(self, **k):
        for n, v in k.items():
            setattr(self, n, v)


def total(objs):
    t = 0
    for o in objs:
        t += o.x
        o.x = o.x + 1
        o.y = t
    return t


objs = []
for i in range(60):
    if i % 4 == 0:
        o = P(x=i)
    elif i % 4 == 1:
        o = P(a=1, x=i)
    elif i % 4 == 2:
        o = P(a=1, b=2, c=3, x=i)
        del o.a
    else:
        o = P(x=i)
        o.__dict__["late"] = 1
    objs.append(o)
for _ in range(20):
    r = total(objs)
print(r)
for i, o in enumerate(objs):
    if i % 7 == 0:
        o.__dict__ = {"x": 1000}
    if i % 11 == 0:
        for k in range(35):
            setattr(o, f"k{k}", k)
print(total(objs), total(objs))
print(sorted(objs[0].__dict__)[:3], list(objs[1].__dict__), list(objs[2].__dict__), list(objs[3].__dict__))


class Q:
    def __init__(self):
        self.v = 0


def bump(q, n):
    for i in range(n):
        q.v += 1
        if i == n // 2:
            d = q.__dict__
            d["v"] = 1000
    return q.v, q.__dict__


for _ in range(3):
    print(bump(Q(), 300))


class R(Q):
    v2 = 5

    def __init__(self):
        super().__init__()
        self.v2 = self.v2 + 1


def cls_then_inst(n):
    t = 0
    r = R()
    for i in range(n):
        t += r.v2
        if i == 100:
            del r.v2
        if i == 200:
            R.v2 = 7
        if i == 250:
            r.v2 = 100
    return t


print(cls_then_inst(300))
import copy
import pickle

o = copy.copy(objs[1])
print(o.__dict__ == objs[1].__dict__, pickle.loads(pickle.dumps(objs[2])).__dict__ == objs[2].__dict__)
print(vars(objs[3]) is objs[3].__dict__)
