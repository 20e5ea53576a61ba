# The Collatz walk: an inner while loop with an unpredictable branch, // and %.
def run():
    longest = 0
    best = 0
    for start in range(1, 12_000):
        n = start
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n //= 2
            else:
                n = 3 * n + 1
            steps += 1
        if steps > longest:
            longest = steps
            best = start
    return best, longest


if __name__ == "__main__":
    print(run())
