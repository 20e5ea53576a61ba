# Characters of strs, one by one: of ASCII, of other alphabets, of subclasses, and what is the same object.
# contract: 1 2
# expect: traces>=1


class Text(str):
    pass


TEXTS = ["", "a", "plain ascii text", "caf\xe9 cr\xe8me", "\u03b1\u03b2\u03b3 abc", "\U0001f40d snake", Text("sub"), "\x00\x7f\x80"]


def by_index(text, rounds):
    seen = []
    for i in range(rounds):
        try:
            character = text[i % 7 - 3]
            seen.append((character, ord(character), character is text[i % 7 - 3]))
        except IndexError as error:
            seen.append(str(error))
    return len(seen), seen[:9], seen[-3:]


def by_iteration(text, rounds):
    counts = {}
    for _ in range(rounds):
        for character in text:
            counts[character] = counts.get(character, 0) + 1
        for at, character in enumerate(text):
            counts[at] = counts.get(at, 0) + (character is text[at])
    return counts


def taken_twice(text, rounds):
    result = 0
    for _ in range(rounds):
        letters = iter(text)
        for letter in letters:
            result += ord(letter)
            for other in letters:
                result += 1000 * ord(other)
                break
        result += len(list(letters))
    return result


for text in TEXTS:
    print(repr(text), by_index(text, 4000), by_iteration(text, 1500), taken_twice(text, 1500))
print(["abc"[0] is TEXTS[1], [c is TEXTS[1] for c in "aaa"]])
