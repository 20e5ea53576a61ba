# A class with two attributes whose `__add__` makes a new instance each time.
# reach: 12
class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


def run():
    position = Vector(0, 0)
    step = Vector(3, -2)
    for _ in range(120_000):
        position = position + step
    return position.x, position.y


if __name__ == "__main__":
    print(run())
