# Deep nesting of loops, with, try and if, with jumps crossing many blocks; deep expressions on the value stack.
# contract: 1
class CM:
    log = []

    def __init__(self, n):
        self.n = n

    def __enter__(self):
        return self.n

    def __exit__(self, *a):
        CM.log.append((self.n, a[0] and a[0].__name__))
        return False


def jumps(mode):
    CM.log.clear()
    out = []
    for a in range(3):
        try:
            with CM(f"o{a}"):
                for b in range(3):
                    while True:
                        try:
                            with CM(f"i{a}{b}"):
                                try:
                                    if mode == "break" and b == 1:
                                        break
                                    if mode == "continue" and b == 0:
                                        b = 5
                                        continue
                                    if mode == "return" and a == 1:
                                        return out
                                    if mode == "raise" and (a, b) == (1, 1):
                                        raise ValueError(mode)
                                    if mode == "inner raise":
                                        raise KeyError(b)
                                finally:
                                    out.append(("f", a, b))
                        except KeyError as e:
                            out.append(("k", e.args[0]))
                        else:
                            out.append("else")
                        break
                    else:
                        out.append("while else")
                else:
                    out.append("for else")
        except ValueError as e:
            out.append(str(e))
            break
    return out


for mode in ("none", "break", "continue", "return", "raise", "inner raise"):
    for _ in range(20):
        r = jumps(mode)
    print(mode, len(r), r[:12], len(CM.log), CM.log[:4])


def expr_depth(n):
    return eval("(" * n + "x" + " + 1)" * n, {"x": 1})


print(expr_depth(80))
src = "lambda x: " + "[" * 40 + "x" + "]" * 40
v = eval(src)(5)
d = 0
while isinstance(v, list):
    v = v[0]
    d += 1
print(d, v)


def stack(a):
    return f"{a}{[a, (a, {a: [a for _ in 'ab' if (a, a)]}, *[a, a]), lambda q=a: q][1]}", (a + (a * (a - (a / (a + 2 ** (a % (1 + a // (a | 1)))))))) if a else (not a)


for i in range(150):
    r = stack(i)
print(r)


def mid_expression(n):
    out = []
    for i in range(n):
        try:
            out.append([i, i + 1, (i, {i: 10 // (i % 4)}, [x / (i % 3) for x in (1, 2)])][2][1][i])
        except ZeroDivisionError as e:
            out.append(str(e))
    return out


r = mid_expression(200)
print(r[:8], len(r))


def ternaries(a, b, c):
    return (a if b else c) if (b if a else c) else (c if a or b and not c else (b, a))


print([ternaries(a, b, c) for a in (0, 1) for b in (0, 2) for c in (0, 3)] * 1)
for _ in range(60):
    [ternaries(a, b, c) for a in (0, 1) for b in (0, 2) for c in (0, 3)]


def boolmix(n):
    t = 0
    for i in range(n):
        t += (i % 2 and i % 3 or i % 5 and 7) + (0 if i % 7 else 1) + ((i > 5) == (i < 10)) + (not i % 11)
    return t


print(boolmix(500))
