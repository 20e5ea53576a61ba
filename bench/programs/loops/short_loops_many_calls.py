# A function with a loop of four iterations, called very often: entering and leaving is the cost.
def inner(n):
    t = 0
    for i in range(4):
        t += i * n
    return t


def run():
    total = 0
    for k in range(400_000):
        total += inner(k)
    return total


if __name__ == "__main__":
    print(run())
