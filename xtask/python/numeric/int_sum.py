# for over range, summing.
def run(rounds):
    total = 0
    for i in range(rounds):
        total += i
    return total
