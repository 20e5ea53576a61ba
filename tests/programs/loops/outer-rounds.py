# Inner loops over what outer rounds change: rows of different lengths and types, lists that grow, shrink and are
# replaced between rounds of the inner loop, and bounds that do not hold for all of its rounds.
# contract: 1, 2
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def product(a, b):
    columns = len(b[0])
    result = []
    for row in a:
        out = []
        for j in range(columns):
            total = 0.0
            for k in range(len(row)):
                total += row[k] * b[k][j]
            out.append(total)
        result.append(out)
    return result


def attempt(function, *args):
    try:
        return function(*args)
    except (IndexError, TypeError) as error:
        return type(error).__name__, str(error)


def sums(rows, n):
    found = []
    for row in rows:
        total = 0
        for i in range(n):
            if i >= len(row):
                total -= 1
                break
            total += row[i]
        found.append(total)
    return found


def shifted(rows, start, stop):
    found = []
    for row in rows:
        total = 0
        for i in range(start, stop):
            total = total * 3 % 1000003 + row[i]
        found.append(total)
    return found


def growing(n):
    kept = [1, 2, 3]
    total = 0
    for i in range(n):
        for j in range(len(kept)):
            total += kept[j] * j
        if i % 7 == 0:
            kept.append(i)
        elif i % 11 == 0:
            kept = kept[1:] + [float(i)]
        elif i % 50 == 49:
            kept.clear()
            kept.extend(range(4))
    return total, len(kept)


def shrinking(n):
    # The list loses items while the inner loop goes round.
    seen = 0
    for i in range(n):
        items = list(range(40))
        try:
            for j in range(30):
                seen += items[j]
                if i % 5 == 4 and j % 3 == 2:
                    items.pop()
                    items.pop()
                    items.pop()
        except IndexError:
            seen += 1000
    return seen


class Row(list):
    def __getitem__(self, at):
        return list.__getitem__(self, at) + 1


class Loud:
    def __init__(self, number):
        self.number = number

    def __del__(self):
        deaths.append(self.number)


def dying(n):
    # What outer rounds replace dies when it is replaced, not when the inner loop is done.
    holder = [Loud(-1), 0.5]
    total = 0.0
    for i in range(n):
        for j in range(30):
            total += holder[1] * j
            if len(deaths) > i + 1:
                return "too early"
        holder[0] = Loud(i)
        if len(deaths) != i + 1:
            return "too late"
        holder[1] += 0.25
    return total


deaths = []
square = [[(i * 5 + j) % 17 / 4.0 for j in range(24)] for i in range(24)]
print(sum(map(sum, product(square, square))))
mixed = [row[:] for row in square]
mixed[7][3] = 5
mixed[11][20] = True
print(sum(map(sum, product(mixed, square))), sum(map(sum, product(square, mixed))))
ragged = [row[:20 + i % 5] for i, row in enumerate(square)]
print(sum(map(sum, product(ragged, square))))
print(attempt(product, square, ragged))
print(attempt(product, square + [[1.0] * 25], square))
print(attempt(product, [square[0], ["a"] * 24], square))
print(product([Row(square[0])] * 3, square)[2][:3])
rows = [list(range(k, k + 20 + k % 13)) for k in range(60)]
print(sums(rows, 25))
print(shifted(rows, 2, 18)[-3:], shifted(rows, -15, 3)[-3:], attempt(shifted, rows, 5, 21))
print(attempt(shifted, rows, -30, 0), shifted(rows, 12, 2)[:2])
print(growing(300))
print(shrinking(60))
print(dying(60), deaths[:3], len(deaths))
