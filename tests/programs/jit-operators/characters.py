# Characters of strs: what they are, compared, ordered by number, kept, and beyond ASCII.
# contract: 1 3
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=50
# expect: traces>=4
import sys

ASCII = "".join(map(chr, range(128)))
OTHERS = ["", "a", "A", "aB", "AB1", "ab1", "123", "12a", " \t\n\x1c", "a b", "\xe9", "\xc9", "\u0660", "a\u0660", "\xa0", "\u2160", "\u01c5", "1\xb2"]


def classes(text):
    found = []
    for i in range(len(text)):
        c = text[i]
        bits = 0
        if c.isalpha():
            bits += 1
        if c.isdigit():
            bits += 2
        if c.isalnum():
            bits += 4
        if c.isspace():
            bits += 8
        if c.isupper():
            bits += 16
        if c.islower():
            bits += 32
        if c.isdecimal():
            bits += 64
        if c.isnumeric():
            bits += 128
        found.append(bits)
    return found


def wholes(texts):
    return [(t.isalpha(), t.isdigit(), t.isalnum(), t.isspace(), t.isupper(), t.islower(), t.isdecimal(), t.isnumeric()) for t in texts]


def compared(text, other):
    counts = [0] * 6
    for i in range(len(text)):
        c = text[i]
        if c == "a":
            counts[0] += 1
        if c != " ":
            counts[1] += 1
        if c == text[i - 1]:
            counts[2] += 1
        if c == other:
            counts[3] += 1
        if c == "ab" or c == "" or c == "\xe9":
            counts[4] += 1
        counts[5] += ord(c) + ord(text[-1 - i])
    return counts


def kept(text):
    last = None
    seen = []
    for i in range(len(text)):
        if text[i] is last:
            seen.append(i)
        last = text[i]
    return seen, last, len(set(seen))


def ends(text, places):
    found = []
    for place in places:
        try:
            found.append(text[place])
        except IndexError as error:
            found.append(str(error))
    return "".join(found)


class Text(str):
    pass


print(classes(ASCII * 3) == classes(ASCII) * 3, classes(ASCII))
print(classes("abc\xe9\u0660 1" * 30)[:7])
for _ in range(20):
    result = wholes(OTHERS * 5)
print(result[: len(OTHERS)])
print(compared("a b\tccab" * 40, "c"), compared("a\xe9\u20acb" * 40, "\xe9"), compared("aab" * 40, "\u20ac"), compared("xy" * 70, Text("x")))
print(kept("aabbcc\xe9\xe9" * 30), kept(ASCII * 2), kept(Text("aab" * 30)))
print(ends("abcdef", list(range(-8, 8)) * 8), ends("", [0, -1] * 60), ends(Text("ab"), [0, 1, -1, 2] * 20), ends("a\xe9\u20ac", [0, 1, 2, -1, 3] * 20))
count = sys.getrefcount("a")
ends("abcabc", [0, 3] * 500)
kept("aabbaa" * 100)
print(sys.getrefcount("a") - count)


def grown():
    text = ""
    total = 0
    for i in range(300):
        text += chr(97 + i % 26)
        total += ord(text[i]) + ord(text[-1])
        if text[i // 2] == "c":
            total += 1000
    return total


print(grown(), grown())


def iterated(text):
    counts = {}
    vowels = order = 0
    for c in text:
        order = (order * 31 + ord(c)) % 1000003
        if c == "a" or c == "e":
            vowels += 1
        elif c.isdigit():
            counts[c] = counts.get(c, 0) + 1
    return counts, vowels, order


def shared(text):
    """An iterator that somebody else advances, and that goes on after a loop was left."""
    found = []
    for _ in range(30):
        it = iter(text)
        for c in it:
            if c == "d":
                break
            if c == "b":
                found.append(next(it, None))
        found.append("".join(it))
        found.append(next(it, "end"))
        for c in it:
            found.append("never")
        found.append(it.__length_hint__())
    return found[:8], len(found)


def nested(text):
    return sum(x == y for x in text for y in text if x.isalpha())


class Dies(str):
    def __del__(self):
        print("gone")


print(iterated("the quick brown fox 42 jumps " * 60), iterated("a\xe9\u20ac" * 50), iterated(Text("ae1" * 50)))
print(shared("abcdef"), shared(""), shared("bd"), shared("b\xe9d"))
print(nested("some text with letters"))
for _ in range(3):
    for c in Dies("ab"):
        pass
    print(c)
