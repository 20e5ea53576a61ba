# A generator consumed by `for`, and the `sum` of a generator expression.
# reach: 6
def walk(start, stop):
    step = 1
    while start < stop:
        yield start
        start += step
        step = 3 - step


def run():
    total = 0
    for position in walk(0, 500_000):
        total += position & 7
    return total, sum(n * n for n in range(300_000))


if __name__ == "__main__":
    print(run())
