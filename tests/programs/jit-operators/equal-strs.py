# Whether strs are equal: of every short length, that differ in one place, and beyond ASCII.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def copy(text):
    return "".join(list(text))


def compare(texts, others):
    same = different = order = 0
    for text in texts:
        for other in others:
            order = order * 3 % 1000003
            if text == other:
                same += 1
                order += 1
            if text != other:
                different += 1
                order += 2
    return same, different, order


def in_dict(texts, others):
    found = 0
    table = {text: at for at, text in enumerate(texts)}
    for other in others:
        if other in table:
            found += table[other]
    return found


letters = "abcdefghijklmnopqrstuvwxyz"
texts = [letters[:length] for length in range(20)]
for length in (1, 2, 7, 8, 9, 15, 16, 17):
    for at in range(length):
        changed = list(letters[:length])
        changed[at] = "\x7f"
        texts.append("".join(changed))
texts += ["\0", "\0\0", "a\0", "\0a", "\xe9", "\xe9a", "e", "\u20ac", "\u20aca", "\U0001f600", "ab\xe9", "ab\u20ac"]
others = [copy(text) for text in texts]
print(compare(texts, texts))
print(compare(texts, others))
print(in_dict(texts, others))
for text in ("", "a", "ab", "abcdefgh", "abcdefghi", "\xe9", "\u20ac"):
    print([at for at, other in enumerate(others) if other == text])
