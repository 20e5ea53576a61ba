# Escape times of points of the Mandelbrot set: floats, an int counter, a compound condition.
def run():
    width = 180
    height = 120
    total = 0
    inside = 0
    for row in range(height):
        ci = 2.0 * row / height - 1.0
        for col in range(width):
            cr = 3.0 * col / width - 2.0
            x = 0.0
            y = 0.0
            x2 = 0.0
            y2 = 0.0
            n = 0
            while x2 + y2 <= 4.0 and n < 100:
                y = 2.0 * x * y + ci
                x = x2 - y2 + cr
                x2 = x * x
                y2 = y * y
                n += 1
            total += n
            if n == 100:
                inside += 1
    return inside, total


if __name__ == "__main__":
    print(run())
