# A while loop that sums ints: the shortest loop there is.
def run():
    total = 0
    i = 0
    while i < 2_000_000:
        total += i
        i += 1
    return total


if __name__ == "__main__":
    print(run())
