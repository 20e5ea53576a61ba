# A local is int, then float, then int: its type differs on every iteration.
def run():
    a = 1
    b = 0.5
    total = 0.0
    for i in range(3_000_000):
        a, b = b, a
        total += a
    return total, a, b


if __name__ == "__main__":
    print(run())
