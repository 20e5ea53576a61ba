# f-strings: conversions, format specs, nesting, __format__ hooks, BUILD_STRING of many parts, errors.
# contract: 1
class F:
    def __format__(self, spec):
        return f"<{spec}>"

    def __repr__(self):
        return "F-repr"

    def __str__(self):
        return "F-str\u00e9"


class Bad:
    def __format__(self, spec):
        return 5


class BadStr:
    def __str__(self):
        return 5

    def __repr__(self):
        return 6


class Raise:
    def __format__(self, s):
        raise KeyError(s)


f = F()
w, p = 10, 3


def site(x):
    return f"{x}|{x!r}|{x!s}|{x!a}|{x:>{w}}|{x!r:^{w + 4}}|{x=}|{x = !s:>12}"


for i in range(150):
    r = site(i)
print(r)
for v in (1.5, "str", None, f, [1, "\u20ac"], True, 2**70, 1j):
    try:
        print(site(v))
    except TypeError as e:
        print(type(v).__name__, e)
print(f"{3.14159:.{p}f} {1234567:,} {255:#x} {255:08b} {0.25:%} {'s':*^9} {1e10:g} {-5:+d} {5: d} {10**20:_}")
print(f"{f:abc}{f!r:>10}{f!a}" f"{'nested ' + f'{f:{f:x}}'}")
print(f"{{}}{{{1}}}", f"", f"{''}", f"a{'b'}c", rf"\n{1}\t", f"{'a' 'b'}{lambda_ if False else 1}" if False else "skip")
print(f"{[i for i in range(3)]} { {1: 2}[1] } {(lambda x: x * 2)(4)} {1 if w else 2} {w!r}")
for fn in (
    lambda: f"{Bad()}", lambda: f"{BadStr()!s}", lambda: f"{BadStr()!r}", lambda: f"{BadStr()}", lambda: f"{Raise():zz}",
    lambda: f"{1:zz}", lambda: f"{'a':d}", lambda: f"{1.5:d}", lambda: f"{None:5}", lambda: f"{object:5}", lambda: f"{undefined}",
    lambda: f"{[]:x}", lambda: f"{1:{Bad()}}", lambda: f"{1!r:d}", lambda: "{:d}".format("x"), lambda: format(3, ".2"),
):
    try:
        print(fn())
    except Exception as e:
        print(type(e).__name__, e)
parts = 40
src = "f'" + "".join("{v}-" for _ in range(300)) + "'"
v = "ab"
print(len(eval(src)))


def many(n):
    out = []
    for i in range(n):
        out.append(f"{i:03}:{i * i}:{i / 4:.1f}:{'x' * (i % 3)}")
    return out


m = many(200)
print(m[0], m[57], m[-1])


class S(str):
    pass


s = S("sub")
print(type(f"{s}").__name__, type(f"{s!s}").__name__, f"{s}" is s)
print("%s %r %5d %-5s| %(k)s" % {"k": 1} if False else "%s %r %5d %-5s|" % ("a", "b", 3, "c"))
