# A chaotic float recurrence: one branch taken about half the time, one rarely.
def run():
    x = 0.3141592
    high = 0
    rare = 0
    total = 0.0
    for i in range(1_000_000):
        x = 3.99 * x * (1.0 - x)
        if x > 0.5:
            high += 1
            total += x
        else:
            total -= 0.5 * x
        if x < 0.00998:
            rare += 1
            total += 1.0
    return high, rare, total


if __name__ == "__main__":
    print(run())
