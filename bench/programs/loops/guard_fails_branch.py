# The branch taken alternates, so whichever side was recorded, every second iteration leaves it.
def run():
    total = 0
    for i in range(1_200_000):
        if i & 1:
            total += i
        else:
            total -= 1
    return total


if __name__ == "__main__":
    print(run())
