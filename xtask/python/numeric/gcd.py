# Euclid's algorithm: divisions by a variable.
def run(rounds):
    total = 0
    for i in range(1, rounds + 1):
        a = i * 7919
        b = i ^ 1023
        while b:
            a, b = b, a % b
        total += a
    return total
