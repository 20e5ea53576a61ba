# A `while` loop that sums ints in local variables.
# reach: 40
def run():
    total = 0
    i = 0
    while i < 1_000_000:
        total += i
        i += 1
    return total


if __name__ == "__main__":
    print(run())
