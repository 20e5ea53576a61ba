# Chained float comparisons and clamping: three-way branches of changing direction.
def run():
    x = 0.0
    v = 0.37
    low = 0
    mid = 0
    high = 0
    for i in range(1_800_000):
        x += v
        if x > 10.0:
            x = 10.0
            v = -v * 0.99
            if v > -0.05:
                v = -0.41
        elif x < -10.0:
            x = -10.0
            v = -v
        if -3.0 < x < 3.0:
            mid += 1
        elif x <= -3.0:
            low += 1
        else:
            high += 1
    return low, mid, high, x


if __name__ == "__main__":
    print(run())
