# Primes by trial division: for, while, break and else.
def run():
    count = 0
    last = 0
    for n in range(2, 80_000):
        d = 2
        while d * d <= n:
            if n % d == 0:
                break
            d += 1
        else:
            count += 1
            last = n
    return count, last


if __name__ == "__main__":
    print(run())
