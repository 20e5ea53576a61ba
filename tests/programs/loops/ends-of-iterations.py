# Traces that go on after loops whose iterators tell that they have ended only when they are asked, and comprehensions.
# contract: 1 2 7
# expect: traces>=1
class Down:
    def __init__(self, start):
        self.now = start

    def __iter__(self):
        return self

    def __next__(self):
        self.now -= 1
        if self.now < 0:
            raise StopIteration
        return self.now

    def __del__(self):
        Down.gone += 1


Down.gone = 0


class Key:
    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return self.number % 3

    def __eq__(self, other):
        return self.number % 5 == other.number % 5

    def __repr__(self):
        return f"Key({self.number})"


def normal(found):
    return {key: [one for one in value] if isinstance(value, list) else value for key, value in found.items()}


def lengths(found):
    return {len(key) for key in found}


def total(start):
    result = 0
    for number in Down(start):
        result += number
    return result, Down.gone


def pairs(a, b):
    result = 0
    for at, (x, y) in enumerate(zip(a, b)):
        result += at * x + y
    return result


def nothing(found):
    for _ in found.values():
        pass
    return len(found)


def remade(found, by):
    return {Key(number * by): number for number in found}, {Key(number) for number in found}


def changes(found, at):
    seen = []
    try:
        for number, key in enumerate(found):
            seen.append(key)
            if number == at:
                found[f"new{at}"] = at
    except RuntimeError as error:
        seen.append(str(error))
    return seen


def main():
    found = [{"a": 1, "b": [1, 2]}, {"x": "y"}, {}, {"q": [3], "r": None, "sss": 2}]
    counted = 0
    for i in range(9000):
        one = found[i % 4]
        counted += len(normal(one)) + sum(lengths(one)) + pairs([1, 2, 3][: i % 4], (4, 5)) + nothing(one)
        counted += total(i % 4)[0]
    print(counted, Down.gone)
    print([normal(one) for one in found], [lengths(one) for one in found], total(5))
    for i in range(300):
        last = remade([1, 2, 6, 3, 11][: i % 6], 1 + i % 2)
    print(last, [changes(dict.fromkeys("abc"), at % 4) for at in range(300)][-4:])


main()
