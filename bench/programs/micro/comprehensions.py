# List, set and dict comprehensions, and `sort` with a key function.
# reach: 1.3
NUMBERS = [n * 7_919 % 65_537 for n in range(30_000)]


def run():
    pairs = [(n % 97, n) for n in NUMBERS if n % 3]
    pairs.sort(key=lambda pair: (pair[0], -pair[1]))
    last = {group: n for group, n in pairs}
    squares = {n * n % 1_009 for group, n in pairs}
    ranked = sorted(last, key=lambda group: last[group])
    return pairs[1_000], sum(last.values()), len(squares), ranked[:3]


if __name__ == "__main__":
    print(run())
