"""Parts of sequences in loops: all kinds, ends of all kinds, and what may go wrong in between."""

import gc


class Index:
    def __index__(self):
        return 2


class Sequence(list):
    pass


def parts(sequence, n):
    size = len(sequence)
    total = []
    for i in range(n):
        a, b = i % (2 * size + 3) - size - 1, (i * 7) % (2 * size + 3) - size - 1
        total = [
            sequence[a:b],
            sequence[:b],
            sequence[a:],
            sequence[:],
            sequence[a:b][1:],
            sequence[-3:a],
        ]
        if i % 97 == 0:
            print(i, total)
    return total


def same(sequence, n):
    """Whole immutable sequences are themselves."""
    count = 0
    for i in range(n):
        count += sequence[:] is sequence
        count += sequence[0:] is sequence
        count += sequence[: len(sequence) + i % 3] is sequence
    return count


def changing(n):
    seen = {}
    ends = [1, None, True, Index(), -2, 2**70, -(2**70)]
    sequences = ["abcdef", b"abcdef", [1, 2, 3, 4], (1, 2, 3, 4), Sequence([1, 2, 3]), bytearray(b"abc"), range(9)]
    for i in range(n):
        part = sequences[i * i % 7][ends[i % 7] : ends[i // 7 % 7]]
        key = type(part).__name__, len(part)
        seen[key] = seen.get(key, 0) + 1
    return sorted(seen.items())


def failing(n):
    caught = []
    for i in range(n):
        sequence = "abcdef" if i % 50 else [1, 2]
        end = 3 if i % 111 else "x"
        try:
            sequence[i % 4 : end]
        except TypeError as error:
            caught.append((i, str(error), error.__traceback__.tb_lineno))
    return len(caught), caught[:3]


def objects(n):
    """What the parts hold lives as long as they do."""
    log = []

    class Noisy:
        def __init__(self, name):
            self.name = name

        def __del__(self):
            log.append(self.name)

    for i in range(n):
        things = [Noisy((i, k)) for k in range(3)]
        part = things[1:]
        del things
        if i % 100 == 0:
            log.append(("cut", i, len(part)))
        part = part[:1]
    return len(log), log[:9], log[-4:]


def bytes_sums(n):
    data, total = b"", 0
    for i in range(n):
        data = data[-20:] + bytes([i % 256]) + b""
        total += len(data) + (b"" + data is data) + data[0]
    return data, total


def unicode(n):
    text = "aé漢\U0001f600" * 4
    out = []
    for i in range(n):
        out.append(text[i % 17 : i % 13])
        if len(out) > 30:
            out = out[-3:]
    return out


for sequence in "abcdefg", b"abcdefg", [1, 2, 3, 4, 5], (1, 2, 3, 4, 5), "", b"", [], ():
    parts(sequence, 400)
for sequence in "abcdefg", b"abcdefg", (1, 2, 3), "x", b"", ():
    print(same(sequence, 2000))
print(changing(4000))
print(failing(2000))
print(objects(1500))
print(bytes_sums(3000))
print(unicode(3000))
gc.set_threshold(3)
parts([[1], [2], [3]], 200)
