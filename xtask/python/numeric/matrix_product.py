# Rows of a product of two matrices, kept as lists of lists of floats.
SIZE = 16
LEFT = [[(i * 5 + j) % 17 / 4.0 for j in range(SIZE)] for i in range(SIZE)]
RIGHT = [[(i * 11 + j) % 17 / 4.0 for j in range(SIZE)] for i in range(SIZE)]


def run(rounds):
    trace = 0.0
    for i in range(rounds):
        row = LEFT[i % SIZE]
        for j in range(SIZE):
            total = 0.0
            for k in range(SIZE):
                total += row[k] * RIGHT[k][j]
            trace += total
    return trace
