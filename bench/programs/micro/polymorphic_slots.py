# A method call over a list of instances of three subclasses with `__slots__`.
# reach: 6
class Shape:
    __slots__ = ()


class Square(Shape):
    __slots__ = ("side",)

    def __init__(self, side):
        self.side = side

    def area(self):
        return self.side * self.side


class Rectangle(Shape):
    __slots__ = ("width", "height")

    def __init__(self, width, height):
        self.width = width
        self.height = height

    def area(self):
        return self.width * self.height


class Triangle(Shape):
    __slots__ = ("base", "height")

    def __init__(self, base, height):
        self.base = base
        self.height = height

    def area(self):
        return self.base * self.height // 2


def shape(i):
    kind = (i * i + i // 3) % 3
    if kind == 0:
        return Square(i)
    if kind == 1:
        return Rectangle(i, i + 2)
    return Triangle(i + 1, 6)


SHAPES = [shape(i) for i in range(1_000)]


def run():
    total = 0
    for _ in range(500):
        for shape in SHAPES:
            total += shape.area()
    return total


if __name__ == "__main__":
    print(run())
