# Methods of C taken from objects and called later, methods of objects that have a dict of their own, and what
# becomes of both when the object, its dict or its class changes.
# contract: 1 2 3 7
# expect: traces>=1
import io
import operator
import random
import sys
import weakref


def collect(items):
    out = []
    append, extend, insert, pop = out.append, out.extend, out.insert, out.pop
    for item in items:
        append(item)
        extend((item, item))
        insert(0, item)
        pop()
    return out


print(collect(range(4000))[:7], len(collect(["a", None, 2.5] * 30)))


def bound(function, arguments):
    out = []
    for argument in arguments:
        try:
            out.append(function(argument))
        except Exception as error:
            out.append(f"{type(error).__name__}: {error}")
    return out


class L(list):
    def append(self, item):
        list.append(self, ("mine", item))


target = L()
print(bound({"a": 1}.get, ["a", "b", 3, []] * 30)[-4:])
print(bound("abcabc".find, ["a", "c", "x", 5] * 30)[-4:])
print(bound({1, 2}.add, [1, 3, [], "x"] * 30)[-4:])
print(bound(target.append, [1, 2] * 30)[-1], target[-1], len(target))
print(bound(super(L, target).append, [1, 2] * 30)[-1], target[-1], len(target))
print(bound(operator.index, [1, True, 2**80, 1.5, "x"] * 30)[-5:])


def mixed(functions, rounds):
    out = []
    for n in range(rounds):
        out.append(functions[n % len(functions)](n))
    return out


a, b = [], [0]
print(mixed([a.append, b.append], 80)[-2:], a[-2:], b[-2:])
print(mixed([a.append, a.__contains__, a.count, str, b.append], 100)[-5:])


# Objects that have a dict of their own.
class Buffer(io.BytesIO):
    pass


def fill(file, chunks):
    total = 0
    for chunk in chunks:
        try:
            total += file.write(chunk)
        except Exception as error:
            total += 1000
            print(type(error).__name__, error)
    return total, file.tell(), file.getvalue()[-5:]


print(fill(io.BytesIO(), [b"ab", b"c", b""] * 3000))
print(fill(Buffer(), [b"ab", b"c", b""] * 30))
print(fill(io.StringIO(), ["ab", "c\n", ""] * 30))
print(fill(io.BytesIO(), [b"ab"] * 60 + ["text"]))
changed = io.BytesIO()
print(fill(changed, [b"ab"] * 50))
changed.note = "has a dict now"
print(fill(changed, [b"ab"] * 50))
changed.write = lambda chunk: -1
print(fill(changed, [b"ab"] * 50))
print(fill(io.BytesIO(), [b"ab"] * 50))
Buffer.write = lambda self, chunk: 7
print(fill(Buffer(), [b"ab"] * 50))
closed = io.BytesIO()
closed.close()
try:
    print(fill(closed, [b"ab"] * 3))
except ValueError as error:
    print("ValueError", error)
exported = io.BytesIO(b"0123456789")
view = exported.getbuffer()
try:
    print(fill(exported, [b"ab"] * 3))
except Exception as error:
    print(type(error).__name__, error)
view.release()


def write_until_closed(file, count):
    write = file.write
    done = 0
    try:
        for n in range(count + 20):
            if n == count:
                file.close()
            write(b"x")
            done += 1
    except ValueError as error:
        return done, str(error), error.__traceback__.tb_lineno - write_until_closed.__code__.co_firstlineno


print(write_until_closed(io.BytesIO(), 100))


def draw(source, count):
    getrandbits, value = source.getrandbits, 0
    for n in range(count):
        value = value * 31 + getrandbits(8) + getrandbits(80) + source.randrange(10) & 0xFFFFFFFF
        value += int(source.random() * 100)
    return value


print(draw(random.Random(5), 5000))
vars(random.Random(5))
source = random.Random(6)
vars(source)["other"] = 1
print(draw(source, 200))


class Loaded(random.Random):
    def getrandbits(self, k):
        return 3


print(draw(Loaded(7), 100))


# Methods that are bound and kept.
class C:
    def __init__(self):
        self.x = 0

    def add(self, n):
        self.x += n
        return self.x


def keep(objects):
    kept = []
    for object in objects:
        method = object.add
        method(1)
        kept.append(method)
    return kept


objects = [C() for _ in range(50)]
kept = keep(objects)
print(kept[-1].__self__ is objects[-1], kept[-1](4), sys.getrefcount(objects[-1]), sys.getrefcount(kept[0]))
shared = C()
kept = keep([shared] * 70)
print(shared.x, sys.getrefcount(shared), kept[0] == kept[1], kept[0] is kept[1])
del kept
print(sys.getrefcount(shared))
shared.__dict__["add"] = lambda n: print("hidden", n)
keep([shared] * 2)
C.add = lambda self, n: "changed"
print(keep([C()])[0](1))


class Dying:
    def method(self):
        pass

    def __del__(self):
        print("dead", self.n)


def make(count):
    last = None
    for n in range(count):
        dying = Dying()
        dying.n = n
        last = dying.method
        del dying
    return last


make(40)


def references(items, rounds):
    counts = set()
    for _ in range(rounds):
        append = items.append
        counts.add(sys.getrefcount(items))
        append(1)
    return counts


print(references([], 100))


def watched(rounds):
    log = []
    for n in range(rounds):
        append = [].append
        reference = weakref.ref(append, lambda _: log.append(n))
        append(1)
        del append
    return log[-3:], len(log)


print(watched(100))


class Foreign:
    append = list.append
    upper = str.upper


def refuse(object, rounds):
    errors = 0
    for _ in range(rounds):
        try:
            object.append
        except TypeError as error:
            errors += 1
            last = str(error)
    return errors, last


print(refuse(Foreign(), 60))
