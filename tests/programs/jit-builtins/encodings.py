# Text to bytes and back, packed structs, ints as bytes, and extremes of objects that are no numbers of one type.
# contract: 1 2 3
# expect: traces>=1
import codecs
import struct
import sys

TEXTS = ["", "abc", "\xe9t\xe9", "\u0416\u4e2d", "\U0001f600", "a\0b"]
DATA = [text.encode() for text in TEXTS]


def attempt(function, *arguments):
    try:
        return function(*arguments)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


def encode(texts, rounds):
    length = 0
    for n in range(rounds):
        text = texts[n % len(texts)]
        length += len(text.encode()) + len(text.encode("utf-8")) + len(text.encode("utf-8", "surrogatepass"))
        length += len(text.encode("utf8", "replace")) + len(text.encode("UTF-16")) + len(text.encode("ascii", "ignore"))
    return length


def decode(data, rounds):
    length = 0
    for n in range(rounds):
        item = data[n % len(data)]
        length += len(item.decode()) + len(item.decode("utf-8")) + len(item.decode("utf-8", "replace")) + len(item.decode("latin-1"))
    return length


print(encode(TEXTS, 20000), decode(DATA, 20000))
print(attempt(encode, ["a"] * 100 + ["\ud800"], 101), attempt(decode, [b"a"] * 100 + [b"\xff"], 101), attempt(decode, [b"\xed\xa0\x80"], 10))
print([text.encode() for text in TEXTS * 300][:6], [item.decode() for item in DATA * 300][:6] == TEXTS)
text = "\xe9" * 20
size = sys.getsizeof(text)
encode([text], 300)
print(sys.getsizeof(text) - size)


class Text(str):
    def encode(self, *arguments):
        return b"mine"


class Quiet(str):
    pass


print(encode([Text("abc")], 50), encode([Quiet("abc")], 1500))


def handler(error):
    handled.append((sys._getframe(1).f_lineno - encode_all.__code__.co_firstlineno, error.start))
    return "?", error.end


def encode_all(texts, errors):
    out = []
    for text in texts:
        out.append(text.encode("utf-8", errors))
    return out[-1]


handled = []
codecs.register_error("mine", handler)
print(encode_all(["a\ud800b"] * 100, "mine"), handled[-1], len(handled))
original = codecs.lookup_error("strict")
codecs.register_error("strict", handler)


def strict(texts):
    out = []
    for text in texts:
        out.append(text.encode())
    return out[-1]


encode_all = strict
print(strict(["a"] * 20000 + ["\udc00"]), handled[-1])
codecs.register_error("strict", original)


def packed(rounds):
    total = 0
    for n in range(rounds):
        total += len(struct.pack("<B", n & 255)) + len(struct.pack(">i", -n)) + len(struct.pack("<dh", n / 3, n & 7))
        total += struct.unpack("<H", b"\x01\x02")[0] + struct.unpack("B", struct.pack("?", n > 5))[0]
    return total


print(packed(20000))


def pack_all(format, values):
    out = []
    for value in values:
        out.append(struct.pack(format, value))
    return out[-1]


for format, last in (("<B", 256), ("<B", 1.5), ("<d", 5), ("Z", 1), ("<B", True), ("<i", 2**40), ("<s", "x")):
    print(format, attempt(pack_all, format, [1] * 60 + [last]))
print([attempt(pack_all, f"<{n}B", [1]) for n in range(1, 120)][-1])


def as_bytes(values):
    out = []
    for value in values:
        out.append(value.to_bytes(4, "big") + value.to_bytes(length=2, byteorder="little"))
    return out[-1]


print(as_bytes(range(20000)), attempt(as_bytes, [1] * 60 + [-1]), attempt(as_bytes, [2**40]), attempt(as_bytes, [True]))


def extremes(pairs, rounds):
    out = []
    for n in range(rounds):
        a, b = pairs[n % len(pairs)]
        out.append(min(a, b))
        out.append(max(a, b))
    return out[-6:]


print(extremes([("a", "b"), ("\u0416", "z"), ("", "")], 20000))
print(extremes([(1, 2.0), (3.0, 3), (True, 2)], 20000), extremes([(2**70, 1.5), (float("nan"), 1), (1, float("nan"))], 20000))
print(attempt(extremes, [(1, 2)] * 60 + [("a", 1)], 61), extremes([([1], [2]), ((1,), (0, 5))], 60))
first, second = "same" * 3, "".join(["same"] * 3)
print(all(min(first, second) is first and max(first, second) is first for _ in range(20000)))
