# Branches on the counter, each way taken as often.
def run(rounds):
    total = 0
    odd = 0
    for i in range(rounds):
        if i & 1:
            total += i * 3
            odd += 1
        else:
            total -= i
    return total, odd
