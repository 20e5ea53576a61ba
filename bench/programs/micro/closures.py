# A closure that changes a nonlocal variable, with a default and a keyword-only argument.
# reach: 6
def account(balance):
    def deposit(amount, rate=2, *, fee=1):
        nonlocal balance
        balance = (balance + amount * rate - fee) % 1_000_003
        return balance

    return deposit


def run():
    deposit = account(100)
    total = 0
    for i in range(80_000):
        total += deposit(i)
        total -= deposit(i, 3)
        total += deposit(i, fee=5)
    return total


if __name__ == "__main__":
    print(run())
