# Three nested ranges: inner loops of few iterations, outer values kept alive across them.
def run():
    total = 0
    for i in range(140):
        for j in range(140):
            for k in range(100):
                total += (i ^ j) + k
    return total


if __name__ == "__main__":
    print(run())
