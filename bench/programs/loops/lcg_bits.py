# A linear congruential generator and xorshift: &, ^, << and >> within 63 bits.
def run():
    x = 12345
    ones = 0
    for i in range(700_000):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        y = x ^ (x >> 7)
        y ^= (y << 9) & 0x7FFFFFFF
        if y & 0x400:
            ones += 1
    return x, ones


if __name__ == "__main__":
    print(run())
