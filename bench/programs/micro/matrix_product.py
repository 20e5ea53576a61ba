# The product of two matrices, kept as lists of lists of floats.
# reach: 10
SIZE = 80


def matrix(seed):
    return [[(i * seed + j) % 17 / 4.0 for j in range(SIZE)] for i in range(SIZE)]


def product(a, b):
    columns = len(b[0])
    result = []
    for row in a:
        out = []
        for j in range(columns):
            total = 0.0
            for k in range(len(row)):
                total += row[k] * b[k][j]
            out.append(total)
        result.append(out)
    return result


LEFT = matrix(5)
RIGHT = matrix(11)


def run():
    result = product(LEFT, RIGHT)
    return sum(result[i][i] for i in range(SIZE)), result[3][SIZE - 1]


if __name__ == "__main__":
    print(run())
