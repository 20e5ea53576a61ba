# Every value is beyond 2**63: nothing here fits a machine word.
def run():
    x = 1 << 70
    y = (1 << 66) + 1
    for i in range(2_000_000):
        x = x + y
        if x > 1 << 90:
            x -= 1 << 89
    return x


if __name__ == "__main__":
    print(run())
