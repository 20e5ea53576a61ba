# Hundreds of different hot functions: past any code budget they are interpreted, and results stay right.
# contract: 10
import sys

results = 0
for k in range(150):
    ns = {}
    exec(
        f"def f(n):\n    t = {k}\n    x = 0.{k}\n    for i in range(n):\n        t = (t * {2 * k + 1} + i) & 0xFFFFFF\n        if t & {1 << (k % 20)}:\n            x += 0.5\n        else:\n            x -= 0.25\n    return t, x\n",
        ns,
    )
    t, x = ns["f"](800)
    results = (results * 31 + t + int(x * 4)) % (2**61 - 1)
print(results)


def wide(n):
    src = ["def f(n):", "    t = 0", "    for i in range(n):"]
    for k in range(60):
        src.append(f"        if i % {k + 2} == {k % (k + 2)}:")
        src.append(f"            t += {k}")
        src.append("        else:")
        src.append(f"            t ^= i + {k}")
    src.append("    return t")
    ns = {}
    exec("\n".join(src), ns)
    return ns["f"](n)


print(wide(1500))


def long_body(n):
    src = ["def f(n):", "    t = 1", "    for i in range(n):"]
    for k in range(1500):
        src.append(f"        t = (t * 3 + {k}) & 0xFFFF")
    src.append("    return t")
    ns = {}
    exec("\n".join(src), ns)
    return ns["f"](n)


print(long_body(40))


def many_locals(n):
    names = [f"v{i}" for i in range(120)]
    src = ["def f(n):"] + [f"    {v} = {i}" for i, v in enumerate(names)] + ["    for i in range(n):"]
    src += [f"        {names[i]} = ({names[i]} + {names[(i * 7 + 1) % 120]}) & 1023" for i in range(120)]
    src.append("    return " + " + ".join(names))
    ns = {}
    exec("\n".join(src), ns)
    return ns["f"](n)


print(many_locals(300))


def deep_nest(n):
    src = ["def f(n):", "    t = 0"]
    for d in range(18):
        src.append("    " * (d + 1) + f"for i{d} in range({2 if d < 12 else 1}):")
    src.append("    " * 19 + "t += " + " + ".join(f"i{d}" for d in range(18)))
    src.append("    return t")
    ns = {}
    exec("\n".join(src), ns)
    return ns["f"](n)


print(deep_nest(1))
