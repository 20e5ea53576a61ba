# Ints of hundreds of digits: sums, products, quotients, shifts, and powers to a modulus.
# reach: 1.0
MODULUS = (1 << 521) - 1


def run():
    a, b = 0, 1
    for _ in range(12_000):
        a, b = b, a + b
    product = 1
    for n in range(1, 1_500):
        product *= n
    digits = 0
    for _ in range(3_000):
        product, digit = divmod(product, 10)
        digits += digit
    mixed = 3
    for n in range(20_000):
        mixed = (mixed * mixed + n) % MODULUS ^ (n << 200)
    power = pow(7, mixed, MODULUS)
    return a % 1_000_007, digits, mixed % 1_000_007, power % 1_000_007


if __name__ == "__main__":
    print(run())
