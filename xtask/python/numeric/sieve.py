# The sieve of Eratosthenes: stores into a list of bools, and a count of them.
def run(rounds):
    is_prime = [True] * rounds
    is_prime[0] = is_prime[1] = False
    i = 2
    while i * i < rounds:
        if is_prime[i]:
            for multiple in range(i * i, rounds, i):
                is_prime[multiple] = False
        i += 1
    count = 0
    for flag in is_prime:
        if flag:
            count += 1
    return count
