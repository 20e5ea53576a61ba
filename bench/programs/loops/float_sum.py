# Float arithmetic alone, no branch: the harmonic series with compensation.
def run():
    s = 0.0
    c = 0.0
    k = 1.0
    while k < 1_000_000.0:
        y = 1.0 / k - c
        t = s + y
        c = (t - s) - y
        s = t
        k += 1.0
    return s


if __name__ == "__main__":
    print(run())
