# A great many exceptions that leave frames: none of them leaves anything on the C stack.
# contract: 8 10
# expect: traces>=1


class Rejected(Exception):
    def __init__(self, number):
        self.number = number


def check(number):
    if number % 4:
        raise Rejected(number)
    return number


def through(number):
    return check(number) + 1


def run(rounds):
    accepted = rejected = 0
    for number in range(rounds):
        try:
            accepted += through(number)
        except Rejected as error:
            rejected += error.number
    return accepted, rejected


print(run(200_000))
