# Sums that cross 2**63 again and again: half of the iterations work on big ints.
def run():
    x = 2**63 - 2_000
    step = 1
    crossings = 0
    for i in range(1_500_000):
        x += step
        if x > 2**63 + 2_000:
            step = -1
            crossings += 1
        elif x < 2**63 - 2_000:
            step = 1
            crossings += 1
    return x, crossings


if __name__ == "__main__":
    print(run())
