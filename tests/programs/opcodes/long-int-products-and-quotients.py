# Ints of many digits multiplied and divided: signs, lengths, digits at which estimates of a quotient go wrong, results that
# are small again, subclasses, and operands of other types.
import hashlib
import random

draw = random.Random(7)
DIGIT = 30
SPECIAL = [0, 1, (1 << DIGIT) - 1, (1 << DIGIT) - 2, 1 << (DIGIT - 1)]


def number(digits):
    value = 0
    for _ in range(digits):
        digit = draw.choice(SPECIAL) if draw.random() < 0.5 else draw.getrandbits(DIGIT)
        value = value << DIGIT | digit
    return -value if draw.random() < 0.5 else value


def together(count, lengths):
    seen = hashlib.sha256()
    for _ in range(count):
        left, right = number(draw.choice(lengths)), number(draw.choice(lengths))
        seen.update(hex(left * right).encode())
        seen.update(hex(left * left).encode())
        if right:
            quotient, remainder = divmod(left, right)
            assert left == quotient * right + remainder, (left, right)
            assert left // right == quotient and left % right == remainder
            assert remainder == 0 or (remainder < 0) == (right < 0)
            assert abs(remainder) < abs(right)
            # Next to a multiple.
            for near in left * right - 1, left * right, left * right + 1:
                seen.update(b"%x %x" % divmod(near, right))
    return seen.hexdigest()


def changed(value):
    """The value in place, by all operators that are about."""
    for by in (1 << 200) + 1, -(1 << 95), (1 << 61) - 1:
        value *= by
        value += 12345
        value //= by >> 3
        value %= 1 << 700
    return value


class Mine(int):
    def __mul__(self, other):
        return "my product"

    def __rfloordiv__(self, other):
        return "my quotient"


class Plain(int):
    pass


def outcome(function, *arguments):
    try:
        result = function(*arguments)
    except Exception as error:
        return type(error).__name__, str(error)
    return type(result).__name__, result


print(together(3000, range(1, 20)))
print(together(300, [20, 37, 64, 65, 70, 71, 139, 140, 141, 142]))
print(together(10, [300, 399, 400, 401, 402, 1000]))
print(together(2000, [1, 2, 24, 25]))

big = 10**90
print(changed(7), changed(-7))
print(outcome(lambda: big * Mine(3)), outcome(lambda: Mine(big) * big), outcome(lambda: big // Mine(7)))
print(outcome(lambda: big * Plain(10**60)), outcome(lambda: Plain(big) % 10**60), outcome(lambda: divmod(big, Plain(10**60))))
print(outcome(lambda: big * True), outcome(lambda: big // True), outcome(lambda: True % big))
print(outcome(lambda: big // 0), outcome(lambda: big % 0), outcome(divmod, big, 0))
print(outcome(lambda: big * 1.5), outcome(lambda: big // 1e30), outcome(lambda: big * "a"), outcome(lambda: big % "a"))
print(outcome(lambda: big.__mul__(1.5)), outcome(lambda: big.__mod__(10**60 - 1)), outcome(lambda: big.__rfloordiv__(big * big)))
print(outcome(lambda: big * [1]), outcome(lambda: [1] * big))

# Small results are the ints that there is one of each.
for small in range(-5, 257):
    assert (big * small) // big is small + 0, small
    assert (big * 300 + small) % (big * 300) is small + 0 or small < 0
    assert divmod(big * small, big)[0] is small + 0
print(sorted({(big * n).__sizeof__() for n in (1, 2**30, 2**60)}), (big // 10**30).__sizeof__())


def factorials():
    total = 1
    for n in range(1, 700):
        total *= n
    digits = 0
    while total:
        total, digit = divmod(total, 10**9 + 7)
        digits ^= digit
    return digits


print(factorials())
