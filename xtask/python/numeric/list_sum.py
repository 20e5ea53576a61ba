# Ints of a list, added up and stored back.
def run(rounds):
    numbers = [i * 1000 for i in range(64)]
    total = 0
    for i in range(rounds):
        at = i & 63
        total += numbers[at]
        numbers[at] = i * 1000
    return total
