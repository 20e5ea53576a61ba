# A branchy function of an int, called in a loop: its branches end in a dozen leaves.
# reach: 10
def tariff(weight):
    if weight < 40:
        if weight < 10:
            if weight & 1:
                return 3
            return 4
        if weight < 20:
            return weight + 1
        return weight - 7 if weight % 3 == 0 else 25
    if weight < 70:
        if weight % 5 == 0:
            return weight // 5
        if weight < 50:
            return 2 * weight
        return weight ^ 21
    if weight & 4:
        if weight < 90:
            return 11
        return weight - 90
    if weight % 7 == 2:
        return 3 * weight
    if weight < 85:
        return 5
    return weight >> 2


def run():
    total = 0
    state = 17
    for _ in range(150_000):
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
        total += tariff((state >> 8) % 100)
    return total


if __name__ == "__main__":
    print(run())
