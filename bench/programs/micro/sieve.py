# The sieve of Eratosthenes over a list of bools.
# reach: 3
def run():
    limit = 300_000
    is_prime = [True] * limit
    is_prime[0] = is_prime[1] = False
    i = 2
    while i * i < limit:
        if is_prime[i]:
            for multiple in range(i * i, limit, i):
                is_prime[multiple] = False
        i += 1
    count = 0
    for flag in is_prime:
        if flag:
            count += 1
    return count


if __name__ == "__main__":
    print(run())
