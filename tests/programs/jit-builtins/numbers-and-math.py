# min, max, abs, divmod, round, ord, chr, hash and math functions in hot loops, with edge values.
# contract: 1
# expect: traces>=1
import math

INTS = [0, 1, -1, 7, -7, 255, 2**31, -2**31, 2**62, 2**63 - 1, -2**63, 2**63, 2**100, True, False]
FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, 1.5, 2.5, -2.5, 1e300, -1e300, 1e-320, 5.1, 1e16, float("inf"), -float("inf"), float("nan")]


def show(x):
    if isinstance(x, float):
        return x.hex() if x == x else "nan"
    if isinstance(x, tuple):
        return "(" + ",".join(show(y) for y in x) + ")"
    return f"{type(x).__name__}:{x!r}"


def hot1(function, value, usual):
    result = None
    for i in range(90):
        v = value if i > 85 else usual
        try:
            result = function(v)
        except Exception as error:
            result = type(error).__name__ + str(error)
    return result


def hot2(function, a, b, usual):
    result = None
    for i in range(90):
        v, w = (a, b) if i > 85 else usual
        try:
            result = function(v, w)
        except Exception as error:
            result = type(error).__name__ + str(error)
    return result


ONE = [
    lambda x: abs(x), lambda x: round(x), lambda x: hash(x) if x == x else 0, lambda x: bool(x), lambda x: int(x), lambda x: float(x),
    lambda x: math.sqrt(x), lambda x: math.sin(x), lambda x: math.cos(x), lambda x: math.tan(x), lambda x: math.exp(x),
    lambda x: math.log(x), lambda x: math.log2(x), lambda x: math.log10(x), lambda x: math.floor(x), lambda x: math.ceil(x),
    lambda x: math.trunc(x), lambda x: math.fabs(x), lambda x: math.isnan(x), lambda x: math.isinf(x), lambda x: math.isfinite(x),
    lambda x: math.asin(x), lambda x: math.acos(x), lambda x: math.atan(x), lambda x: math.sinh(x), lambda x: math.tanh(x),
    lambda x: math.degrees(x), lambda x: math.radians(x), lambda x: math.isqrt(x), lambda x: math.gamma(x), lambda x: math.erf(x),
    lambda x: chr(x), lambda x: hex(x), lambda x: str(x), lambda x: repr(x), lambda x: f"{x}", lambda x: f"{x!r}", lambda x: f"{x:8}",
    lambda x: "%s|%s" % (x, 1.5), lambda x: "%d %i|%5.1f" % (x, x, x), lambda x: "%5.2f" % x, lambda x: "%d" % x, lambda x: not x, lambda x: math.factorial(x) if abs(x) < 20 else 0,
]
for number, function in enumerate(ONE):
    print(number, [show(hot1(function, x, u)) for u in (3, 2.5) for x in INTS + FLOATS])

TWO = [
    lambda a, b: min(a, b), lambda a, b: max(a, b), lambda a, b: max(a, b, 1), lambda a, b: min(a, 0.5, b),
    lambda a, b: divmod(a, b), lambda a, b: math.atan2(a, b), lambda a, b: math.pow(a, b), lambda a, b: math.fmod(a, b),
    lambda a, b: math.hypot(a, b), lambda a, b: math.copysign(a, b), lambda a, b: math.gcd(a, b), lambda a, b: round(a, b) if abs(b) < 20 else 0,
    lambda a, b: math.log(a, b), lambda a, b: a ** b if abs(a) < 100 and abs(b) < 100 else 0, lambda a, b: pow(a, b) if abs(a) < 100 and abs(b) < 100 else 0,
    lambda a, b: math.ldexp(a, b),
]
for number, function in enumerate(TWO):
    print(number, [show(hot2(function, a, b, (3, 2))) for a in INTS[:9:2] + FLOATS[:9] + FLOATS[13:] for b in INTS[1:12:3] + FLOATS[::4]])
    print(number, [show(hot2(function, a, b, (3.5, 2.5))) for a in FLOATS[::2] for b in FLOATS[::3]])


def letters(text, n):
    total = 0
    out = ""
    for i in range(n):
        c = text[i % len(text)]
        total += ord(c)
        out = chr(ord(c) + 1)
    return total, out


print(letters("abc", 500), letters("a\u00e9\u0416\U0001f600", 500))


def bad_ord(n):
    for i in range(n):
        c = "a" if i < n - 3 else "ab"
        try:
            ord(c)
        except TypeError as error:
            print(i, error)


bad_ord(400)


class Odd(float):
    def __abs__(self):
        return "odd"

    def __round__(self, n=None):
        return "round"

    def __gt__(self, other):
        return True

    __lt__ = __gt__


def odd(values, n):
    out = None
    for i in range(n):
        x = values[i * len(values) // n]
        out = abs(x), round(x), max(x, 1.0), min(1.0, x), math.floor(x)
    return out


print(odd([2.5, Odd(3.5)], 400))


class Raises:
    def __index__(self):
        raise KeyError("index")

    def __float__(self):
        raise KeyError("float")


def raising(n):
    for i in range(n):
        x = i if i < n - 2 else Raises()
        for function in (chr, math.sqrt):
            try:
                function(x)
            except KeyError as error:
                print(i, function.__name__, error)


raising(300)
math_sqrt = math.sqrt


def patched(n):
    total = 0
    for i in range(n):
        total += math.sqrt(i)
        if i == n // 2:
            math.sqrt = lambda x: 1
    math.sqrt = math_sqrt
    return total


print(patched(600))
