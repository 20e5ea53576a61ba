# A custom exception, raised in a callee, caught by its caller, with a `finally` on the way.
# reach: 4
class Rejected(Exception):
    def __init__(self, number):
        self.number = number


def check(number):
    if number % 3 == 0:
        raise Rejected(number)
    return number


def run():
    accepted = 0
    rejected = 0
    finished = 0
    for number in range(150_000):
        try:
            accepted += check(number)
        except Rejected as error:
            rejected += error.number
        finally:
            finished += 1
    return accepted, rejected, finished


if __name__ == "__main__":
    print(run())
