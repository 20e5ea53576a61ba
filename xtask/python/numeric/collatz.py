# The Collatz walk: an inner while loop, //, % and a product.
def run(rounds):
    longest = 0
    for start in range(1, rounds + 1):
        n = start
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n //= 2
            else:
                n = 3 * n + 1
            steps += 1
        if steps > longest:
            longest = steps
    return longest
