# One local goes through int, float, bool and big int in turn.
def run():
    x = 0
    total = 0
    resets = 0
    for i in range(1_000_000):
        if x == 0.5 and x is not True:
            x = True
        elif x is True:
            x = 18446744073709551616
        elif x == 18446744073709551616:
            x = 0
        else:
            x = 0.5
        total = total + x
        if total > 10**21:
            total = 0
            resets += 1
    return total, x, resets


if __name__ == "__main__":
    print(run())
