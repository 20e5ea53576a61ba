# Greatest common divisors by Euclid: a short inner loop with %, entered very often.
def run():
    total = 0
    for i in range(1, 300_000):
        a = i * 7919 % 1_000_003
        b = i
        while b:
            a, b = b, a % b
        total += a
    return total


if __name__ == "__main__":
    print(run())
