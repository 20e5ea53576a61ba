# for over range, summing: no condition but the iterator's end.
def run():
    total = 0
    for i in range(3_000_000):
        total += i
    return total


if __name__ == "__main__":
    print(run())
