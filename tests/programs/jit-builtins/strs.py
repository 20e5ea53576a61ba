# Methods, operators, slices and formatting of strs in hot loops, with other types and errors midway.
# contract: 1 3
# expect: traces>=1


class Loud(str):
    def lower(self):
        return "LOUD"

    def __add__(self, other):
        return "ADDED"

    def __contains__(self, other):
        return True

    def __getitem__(self, key):
        return "ITEM"

    def __eq__(self, other):
        return True

    def __lt__(self, other):
        return True

    def __format__(self, spec):
        return "FORMAT" + spec

    def __str__(self):
        return "STR"

    __hash__ = str.__hash__


TEXTS = ["", "a", "abc", "  padded\t", "a,b,,c", "line\nother\r\nlast", "\u00e4\u00d6\u00df", "\u0416\u0443\u043a", "\U0001f600 smile", "12345", "Title Case", Loud("loud"), "x" * 300, "\ud800"]


def hot(function, values, n=150):
    out = []
    for i in range(n):
        x = values[i * len(values) // n]
        try:
            y = function(x)
        except Exception as error:
            y = type(error).__name__ + ": " + str(error)
        if i * len(values) // n != (i + 1) * len(values) // n:
            out.append(y)
    return out


FUNCTIONS = [
    lambda s: s.lower(), lambda s: s.upper(), lambda s: s.title(), lambda s: s.swapcase(), lambda s: s.casefold(),
    lambda s: s.isalpha(), lambda s: s.isdigit(), lambda s: s.isalnum(), lambda s: s.isspace(), lambda s: s.isupper(), lambda s: s.islower(), lambda s: s.isidentifier(),
    lambda s: s.strip(), lambda s: s.lstrip("a "), lambda s: s.rstrip(None), lambda s: s.strip(5),
    lambda s: s.split(), lambda s: s.split(","), lambda s: s.rsplit(",", 1), lambda s: s.split(""), lambda s: s.splitlines(), lambda s: s.splitlines(True),
    lambda s: s.startswith("a"), lambda s: s.endswith(("c", "\t")), lambda s: s.startswith("b", 1), lambda s: s.startswith("b", None, -1), lambda s: s.startswith(1),
    lambda s: s.find("b"), lambda s: s.rfind("a", 1), lambda s: s.index("a"), lambda s: s.rindex("c", 0, 10), lambda s: s.count("a"), lambda s: s.find(2),
    lambda s: s.replace("a", "bb"), lambda s: s.replace("", "-", 2), lambda s: s.partition(","), lambda s: s.rpartition("a"), lambda s: s.partition(""),
    lambda s: s.join(["1", "2", "3"]), lambda s: s.join(("x",)), lambda s: s.join([]), lambda s: s.join(["a", 1]), lambda s: s.join([Loud("q")]), lambda s: s.join(iter("ab")),
    lambda s: s.encode(), lambda s: s.encode("ascii"), lambda s: s.encode("latin-1", "replace"), lambda s: s.zfill(8), lambda s: s.center(9, "*"), lambda s: s.ljust(5), lambda s: s.rjust(-1),
    lambda s: s.removeprefix("a"), lambda s: s.removesuffix("c"),
    lambda s: s + "x", lambda s: "x" + s, lambda s: s + 1, lambda s: s * 3, lambda s: 2 * s, lambda s: s * -1, lambda s: s * 1.5,
    lambda s: s[0], lambda s: s[-1], lambda s: s[2], lambda s: s[1:], lambda s: s[:2], lambda s: s[-2:], lambda s: s[::-1], lambda s: s[1:10:2], lambda s: s[::0], lambda s: s["a"], lambda s: s[10**30:], lambda s: s[True],
    lambda s: "a" in s, lambda s: s in "abcdef", lambda s: s not in "abc", lambda s: 1 in s,
    lambda s: s < "b", lambda s: s <= "abc", lambda s: "b" > s, lambda s: s >= "abc", lambda s: s == "abc", lambda s: s != "a", lambda s: s < 1,
    lambda s: f"{s}", lambda s: f"<{s}>", lambda s: f"{s!r}", lambda s: f"{s!a}|{s!s}", lambda s: f"{s:>10}", lambda s: f"{s:d}", lambda s: f"{s}{1}{2.5}{None}{True}{s}",
    lambda s: "%s" % s, lambda s: "%s %r" % (s, s), lambda s: "%d" % s, lambda s: "%s" % (s, s), lambda s: "%-5s|%5.1f" % (s, 2.25), lambda s: s % (), lambda s: "%c" % s,
    lambda s: len(s), lambda s: hash(s) == hash(str(s)), lambda s: int(s), lambda s: float(s), lambda s: [c for c in s][:4], lambda s: not s, lambda s: bool(s), lambda s: repr(s), lambda s: list(s)[-2:], lambda s: tuple(s)[:2],
]
for number, function in enumerate(FUNCTIONS):
    for order in (TEXTS, TEXTS[::-1]):
        print(number, [ascii(x) for x in hot(function, order)])
BYTES = [b"", b"abc", b" a,b ", b"\xff\x00", b"12"]
for number, function in enumerate([
    lambda b: b.decode(), lambda b: b.lower(), lambda b: b.startswith(b"a"), lambda b: b.find(b"b"), lambda b: b.split(b","), lambda b: b.strip(),
    lambda b: b[0], lambda b: b[-1], lambda b: b[1:], lambda b: len(b), lambda b: b.replace(b"a", b"xx"), lambda b: b.hex(), lambda b: b.count(b"a", 0, 5), lambda b: b.index(b"z"),
    lambda b: list(b), lambda b: 97 in b, lambda b: b"b" in b, lambda b: b.isdigit(), lambda b: hash(b) == hash(bytes(b)),
]):
    print(number, hot(function, BYTES))


def identity(n):
    same = 0
    for i in range(n):
        s = "abcdef"
        same += s[:] is s
        same += s.strip() is s
        same += s.replace("z", "y") is s
        same += str(s) is s
        same += f"{s}" is s
        same += s[1] is "b"[0]
        same += (s + "") is s
        same += s * 1 is s
    return same


print(identity(300))


def grow(n):
    s = ""
    t = ""
    for i in range(n):
        s += "ab"
        t = t + "c"
        u = s
        s += "d"
    return len(s), len(t), len(u), s[-5:]


print(grow(20000))


def characters(text):
    counts = {}
    for _ in range(40):
        for c in text:
            counts[c] = counts.get(c, 0) + 1
    return counts


print(characters("hello world"), {ascii(k): v for k, v in characters("h\u00e9\u0416\U0001f600h").items()})


def decimal(n):
    total = 0
    for i in range(-n, n):
        total += len(str(i * 10**15)) + len(f"{i}") + len(repr(-i))
    return total, str(-2**63 + n - n)


print(decimal(500))


def words(lines):
    seen = {}
    for line in lines:
        for word in line.strip().split():
            key = word.lower()
            if key.isalpha() and key not in seen:
                seen[key] = len(seen)
    return seen


print(words(["The quick brown fox\n", "jumps over the lazy dog 42\n"] * 60))


def shadow(n):
    global str
    out = []
    for i in range(n):
        x = str(i)
        if i == n // 2:
            str = lambda x: "shadow"
    del str
    return x


print(shadow(300))
