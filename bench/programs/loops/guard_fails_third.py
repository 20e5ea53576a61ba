# Every third iteration takes another path and mixes a float into an int.
def run():
    t = 0
    u = 0.0
    for i in range(2_000_000):
        t += i
        if i % 3 == 0:
            u += t * 0.5
            t = 0
    return t, u


if __name__ == "__main__":
    print(run())
