# A scanner of source text: indexing, `isalpha`, slices, and tuples appended to a list.
# reach: 3
LINE = "let total42 = (alpha + 37) * beta - gamma / 1024; "
TEXT = LINE * 200


def scan(text):
    tokens = []
    i = 0
    end = len(text)
    while i < end:
        c = text[i]
        if c == " ":
            i += 1
        elif c.isalpha():
            start = i
            while i < end and text[i].isalnum():
                i += 1
            tokens.append(("name", text[start:i]))
        elif c.isdigit():
            start = i
            while i < end and text[i].isdigit():
                i += 1
            tokens.append(("number", text[start:i]))
        else:
            tokens.append(("sign", c))
            i += 1
    return tokens


def run():
    names = 0
    length = 0
    for _ in range(30):
        tokens = scan(TEXT)
        for kind, text in tokens:
            if kind == "name":
                names += 1
            length += len(text)
    return names, length


if __name__ == "__main__":
    print(run())
