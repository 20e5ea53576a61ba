# A while loop that counts and sums.
def run(rounds):
    total = 0
    i = 0
    while i < rounds:
        total += i
        i += 1
    return total
