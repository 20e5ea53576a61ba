# Fibonacci numbers by recursion: calls and returns, and little else.
# reach: 4
def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def run():
    return fib(26)


if __name__ == "__main__":
    print(run())
