# Where the last frames call builtins, RecursionError comes at python3.11's depth and place: some of them count as a level, some do not.
# contract: 8
# modes: nojit, eager, twice, guards, bridges
# expect: traces>=90
import sys

EXPRESSIONS = """
len(items)
items.append(n)
x = items.append(n)
append(n)
x = append(n)
more.append(n)
x = more.append(n)
items.pop()
items.extend(pair)
items.reverse()
items.copy()
items.clear()
items.sort()
[*items]
[*pair]
(*pair, n)
{**table}
print_(*pair)
ord("a")
chr(n)
abs(n)
abs(-0.5)
repr(n)
repr("a")
str(n)
str(0.5)
str(odd)
int("12")
int(0.5)
float("0.5")
float(n)
bool(n)
tuple(items)
list(pair)
dict(table)
set(pair)
type(n)
isinstance(n, int)
isinstance(n, (str, int))
issubclass(int, object)
hash(n)
hash("a")
id(n)
callable(len)
getattr(odd, "field")
getattr(odd, "missing", 1)
hasattr(odd, "field")
setattr(odd, "field", n)
round(0.5)
round(0.55, 1)
divmod(n, 3)
min(n, 3)
max(pair)
sum(pair)
sum(pair, 1)
any(pair)
all(pair)
sorted(pair)
sorted(pair, reverse=True)
range(n)
enumerate(pair)
zip(pair, pair)
iter(pair)
next(iter(pair))
reversed(pair)
hex(n)
bin(n)
format(n)
format(0.5, ".2f")
f"{n}"
f"{n:>3}"
"a".upper()
"a b".split()
"a,b".split(",")
",".join(texts)
"a".startswith("a")
"a".replace("a", "b")
"a".encode()
b"a".decode()
"abc".find("c")
"%s" % n
"{}".format(n)
table.get("a")
table.get("b", 1)
table.items()
table.keys()
table.copy()
table.setdefault("a", 1)
table.update(a=1)
table.pop("b", None)
members.add(n)
members.discard(n)
members.copy()
members.union(pair)
math.sqrt(n)
math.floor(0.5)
math.gcd(n, 6)
math.hypot(0.5, 0.5)
math.pow(n, 2)
os.getpid()
n.bit_length()
(0.5).is_integer()
pair.index(2)
pair.count(2)
object()
Plain()
slice(n)
""".strip().splitlines()

import math
import os


class Odd:
    field = 1

    def __str__(self):
        return "odd"


class Plain:
    pass


class More(list):
    pass


TEMPLATE = """
def recur(n):
    global depth, after
    depth = n
    {}
    after = n
    recur(n + 1)
"""


def environment():
    items = [1, 2, 3]
    other = [1]
    return {
        "items": items, "append": other.append, "more": More(), "pair": (1, 2), "table": {"a": 1}, "members": {1}, "odd": Odd(),
        "texts": ["a", "b"], "math": math, "os": os, "Plain": Plain, "print_": max, "depth": 0, "after": 0,
    }


def last(message):
    return message.removeprefix("maximum recursion depth exceeded") or "."


for expression in EXPRESSIONS:
    names = environment()
    exec(TEMPLATE.format(expression), names)
    shown = []
    for limit in (170, 171, 300, 121, 400):
        sys.setrecursionlimit(limit)
        names["items"].append(1)
        names["items"] += [1, 2] * 250
        before = len(names["items"])
        try:
            names["recur"](0)
        except RecursionError as e:
            message = last(str(e))
        sys.setrecursionlimit(1000)
        if limit > 171:
            shown.append((names["depth"], names["after"], len(names["items"]) - before, message))
    print(expression, shown)
