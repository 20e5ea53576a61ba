# Trial division: % by a variable, a product in the condition, break and else.
def run(rounds):
    count = 0
    for n in range(2, rounds):
        d = 2
        while d * d <= n:
            if n % d == 0:
                break
            d += 1
        else:
            count += 1
    return count
