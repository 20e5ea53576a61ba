# try/except/else/finally with return, break, continue and raise in every part; nested and repeated.
# contract: 1
def flow(kind, where):
    log = []
    for i in range(3):
        try:
            log.append(f"t{i}")
            if where == "try":
                if kind == "return":
                    return log
                if kind == "break":
                    break
                if kind == "continue":
                    continue
                if kind == "raise":
                    raise KeyError(i)
                if kind == "reraise":
                    raise KeyError(i)
        except KeyError as e:
            log.append(f"x{e}")
            if kind == "reraise":
                raise
        else:
            log.append("else")
            if where == "else":
                if kind == "return":
                    return log
                if kind == "break":
                    break
                if kind == "continue":
                    continue
                if kind == "raise":
                    raise ValueError(i)
        finally:
            log.append(f"f{i}")
            if where == "finally":
                if kind == "return":
                    return log
                if kind == "break":
                    break
                if kind == "continue":
                    continue
                if kind == "raise":
                    raise IndexError(i)
        log.append("end")
    else:
        log.append("loop else")
    return log


for where in ("try", "else", "finally", "none"):
    for kind in ("return", "break", "continue", "raise", "reraise", "none"):
        for _ in range(40):
            try:
                r = flow(kind, where)
            except Exception as e:
                r = f"{type(e).__name__} {e} ctx {e.__context__!r}"
        print(where, kind, r)


def override():
    try:
        return "try"
    finally:
        return "finally"


def swallow():
    while True:
        try:
            raise ValueError
        finally:
            break
    return "swallowed"


def retval():
    x = [1]
    try:
        return x
    finally:
        x.append(2)
        x = None


def nested():
    out = []
    try:
        try:
            try:
                1 / 0
            except KeyError:
                out.append("no")
            finally:
                out.append("f1")
        except (ValueError, ZeroDivisionError) as e:
            out.append(str(e))
            try:
                raise TypeError("second") from e
            finally:
                out.append("f2")
    except TypeError as e:
        out.append((str(e), str(e.__cause__), e.__suppress_context__))
    return out


def deep20(n):
    log = []
    src = ""
    return log


print(override(), swallow(), retval(), nested())
depth = 18
lines = ["def deep(out):"]
for i in range(depth):
    lines.append("    " * (i + 1) + "try:")
lines.append("    " * (depth + 1) + "raise KeyError('bottom')")
for i in reversed(range(depth)):
    lines.append("    " * (i + 1) + ("except ValueError:" if i % 2 else "finally:"))
    lines.append("    " * (i + 2) + f"out.append({i})")
ns = {}
exec("\n".join(lines), ns)
out = []
try:
    ns["deep"](out)
except KeyError as e:
    print(e, out)


def hot(n):
    t = 0
    for i in range(n):
        try:
            if i % 3 == 0:
                raise ValueError(i)
            t += 1
        except ValueError as e:
            t += e.args[0]
        else:
            t += 2
        finally:
            t += 3
    return t


print(hot(600))


def exc_types(e, target):
    try:
        raise e
    except target:
        return "caught"


class Meta(type):
    def __instancecheck__(c, o):
        return True

    def __subclasscheck__(c, o):
        print("subclasscheck must not be used")
        return True


class Fake(Exception, metaclass=Meta):
    pass


for tg in (ValueError, (KeyError, ValueError), (KeyError, (TypeError, ValueError)), Exception, BaseException, Fake, (), 5, None, (KeyError, 5), int, "s", [ValueError]):
    try:
        print(exc_types(ValueError("v"), tg))
    except BaseException as e:
        print(type(e).__name__, e, "|", repr(e.__context__))
