# The logistic map, with branches on the value that it has reached.
def run(rounds):
    x = 0.3
    low = 0
    high = 0
    drift = 0.0
    for _ in range(rounds):
        x = 3.9 * x * (1.0 - x)
        if x < 0.25:
            low += 1
            drift -= x
        elif x > 0.75:
            high += 1
            drift += x * 0.5
        else:
            drift += 0.125
    return low, high, drift
