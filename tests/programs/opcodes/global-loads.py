# LOAD_GLOBAL of module and builtin names: rebinding, shadowing, deletion and key growth between uses.
# contract: 1 7
import builtins

g1 = 1


def read():
    return g1


def rb():
    return abs


def loop(n):
    out = []
    G = globals()
    for i in range(n):
        if i == 100:
            G["g1"] = 2
        if i == 110:
            G["abs"] = "shadow"
        if i == 120:
            del G["abs"]
        if i == 130:
            builtins.abs, keep = "patched builtin", abs
        if i == 140:
            builtins.abs = keep
        if i == 150:
            del G["g1"]
        if i == 160:
            builtins.g1 = "g1 from builtins"
        if i == 170:
            G["g1"] = 3
        if i == 180:
            del builtins.g1
        if i == 190:
            for k in range(200):
                G[f"extra{k}"] = k
        if i == 195:
            G["g1"] = 4
        if i == 200:
            for k in range(200):
                del G[f"extra{k}"]
        if i == 210:
            del builtins.abs
        if i == 220:
            builtins.abs = keep
        try:
            a = read()
        except NameError as e:
            a = str(e)
        try:
            b = rb()
        except NameError as e:
            b = str(e)
        b = b if isinstance(b, str) else b.__name__
        if not out or out[-1][1:] != (a, b):
            out.append((i, a, b))
    return out


for row in loop(240):
    print(row)


def store(n):
    global counter
    counter = 0
    for i in range(n):
        counter += i
    return counter


print(store(300), counter)


def delete():
    global counter
    del counter
    try:
        counter
    except NameError as e:
        print(e)
    try:
        del counter
    except NameError as e:
        print(e)


delete()


def undefined():
    return no_such_name


for _ in range(120):
    try:
        undefined()
    except NameError as e:
        m = str(e), e.name
print(m)
no_such_name = "now defined"
print(undefined())
del no_such_name
try:
    undefined()
except NameError as e:
    print(e)


def calls(n):
    t = 0
    for i in range(n):
        t += helper(i)
        if i == 150:
            globals()["helper"] = lambda x: -x
    return t


def helper(x):
    return x


print(calls(200))
