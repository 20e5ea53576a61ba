# The harmonic series with compensation: float arithmetic, and no branch but the loop's.
def run(rounds):
    s = 0.0
    c = 0.0
    k = 1.0
    while k < rounds:
        y = 1.0 / k - c
        t = s + y
        c = (t - s) - y
        s = t
        k += 1.0
    return s
