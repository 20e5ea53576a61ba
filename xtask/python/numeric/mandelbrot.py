# Escape times of points of the Mandelbrot set: an inner loop of floats with a compound condition.
def run(rounds):
    total = 0
    for point in range(rounds):
        cr = point % 40 / 20.0 - 1.5
        ci = point // 40 % 40 / 20.0 - 1.0
        x = y = x2 = y2 = 0.0
        n = 0
        while x2 + y2 <= 4.0 and n < 100:
            y = 2.0 * x * y + ci
            x = x2 - y2 + cr
            x2 = x * x
            y2 = y * y
            n += 1
        total += n
    return total
