# EXTENDED_ARG everywhere: hundreds of locals, constants, names, arguments, cells and far jumps.
# contract: 1
N = 400


def build(src, name="f", **ns):
    exec(src, ns)
    return ns[name]


lines = ["def f(n):"]
lines += [f"    v{i} = n + {i}" for i in range(N)]
lines += ["    t = 0", "    for k in range(n):", f"        v{N - 1} += v{N - 2} + k", f"        t += v{N - 1} % 1009 + v300 - v299", f"        v{N - 3} = v{N - 1}"]
lines += [f"    del v{N - 5}", "    try:", f"        v{N - 5}", "    except UnboundLocalError as e:", "        err = str(e)"]
lines += [f"    return t, v0, v{N - 1}, v{N - 3}, err, " + " + ".join(f"v{i}" for i in range(200, 290))]
f = build("\n".join(lines))
for _ in range(5):
    r = f(150)
print(r)

src = "def f(x):\n    t = 0.0\n" + "".join(f"    t += {i}.5 * x\n" for i in range(700)) + "    return t"
f = build(src)
for i in range(20):
    r = f(i)
print(r)

names = [f"glob{i}" for i in range(600)]
src = "\n".join(f"{n} = {i}" for i, n in enumerate(names)) + "\ndef f():\n    return " + " + ".join(names) + "\ndef g():\n    global glob599\n    glob599 += 1\n    return glob599\n"
ns = {}
exec(src, ns)
for _ in range(150):
    r = ns["f"](), ns["g"]()
print(r)

src = "class C: pass\no = C()\ndef f():\n" + "".join(f"    o.a{i} = {i}\n" for i in range(400)) + "    return " + " + ".join(f"o.a{i}" for i in range(0, 400, 3)) + "\ndef m(s):\n    return " + " + ".join(
    f"s.a{i}" for i in range(350)) + " + s.real\nC.real = 1\n"
ns = {}
exec(src, ns)
for _ in range(20):
    r = ns["f"](), ns["m"](ns["o"])
print(r)

src = "def f(" + ", ".join(f"a{i}" for i in range(300)) + ", *, " + ", ".join(f"k{i}={i}" for i in range(300)) + "):\n    return a0 + a299 + k0 + k299"
f = build(src)
call = "def c(f):\n    return f(" + ", ".join(str(i) for i in range(300)) + ", k299=1000, k5=2)"
c = build(call, "c")
for _ in range(120):
    r = c(f)
print(r)
for bad in (lambda: f(), lambda: f(1, 2), lambda: f(*range(301)), lambda: f(*range(298)), lambda: f(*range(300), k7=1, kx=2)):
    try:
        bad()
    except TypeError as e:
        print(len(str(e)), str(e)[-60:])

cells = "def f(n):\n" + "".join(f"    c{i} = n + {i}\n" for i in range(300)) + "    def g():\n        nonlocal c299\n        c299 += 1\n        return " + " + ".join(
    f"c{i}" for i in range(300)) + "\n    t = 0\n    for i in range(5):\n        t += g()\n    del c298\n    try:\n        g()\n    except NameError as e:\n        return t, c299, str(e)"
f = build(cells)
print(f(3))

body = "".join(f"            x = x * 3 + {i} & 1023\n" for i in range(3000))
far = "def f(n):\n    x = 1\n    c = 0\n    while c < n:\n        c += 1\n        if c % 3:\n" + body + "        else:\n            x += 7\n            continue\n        if x == 5000:\n            break\n    else:\n        x += 1\n    return x, c"
f = build(far)
print(f(5), len(f.__code__.co_code) > 65536)

far2 = "def f(it):\n    out = 0\n    for a, b in it:\n        try:\n            if a is None:\n                continue\n" + "".join(f"            out += a * {i % 300 + 300} - b\n" for i in range(9000)) + (
    "        except TypeError:\n            out += 1\n        finally:\n            out &= 0xFFFFFFF\n    return out")
f = build(far2)
print(f([(1, 2), (None, 3), ("s", 4), (2, 0.0) if False else (5, 6)]), len(f.__code__.co_code) > 65536 * 2)

consts = build("def f(i):\n    return [" + ", ".join(f"'s{i}'" for i in range(500)) + ", i][i]")
print(consts(0), consts(499), consts(500))
d = build("def f():\n    return {" + ", ".join(f"'k{i}': {i}" for i in range(500)) + "}")
print(len(d()), d()["k499"])
u = build("def f(s):\n    " + ", ".join(f"x{i}" for i in range(300)) + " = s\n    return x0, x299")
print(u(range(300)), u(list(range(300))), u(tuple(range(300))))
try:
    u(range(299))
except ValueError as e:
    print(e)
lam = build("f = [" + ", ".join(f"lambda: {i}" for i in range(400)) + "]")
print(sum(l() for l in lam))
imp = build("def f():\n" + "".join(f"    import math as m{i}\n" for i in range(300)) + "    from os import " + ", ".join(["path as p", "sep as s"]) + "\n    return m299.pi, s")
print(imp())
