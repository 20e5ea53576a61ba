# A linear congruential generator and shifts: products that may overflow, large constants, masks.
def run(rounds):
    x = 12345
    ones = 0
    for i in range(rounds):
        x = (x * 1103515245 + 12345) & 0x7FFFFFFF
        y = x ^ (x >> 7)
        y ^= (y << 9) & 0x7FFFFFFF
        if y & 0x400:
            ones += 1
    return x, ones
