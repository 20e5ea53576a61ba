# Uncaught chain: cause, context, suppressed context and notes.
# contract: 1
# expect-exit: 1
def low():
    return {}["low"]


def mid():
    try:
        low()
    except KeyError as e:
        raise ValueError("mid") from e


def high():
    try:
        mid()
    except ValueError:
        try:
            raise TypeError("hidden")
        except TypeError:
            e = OSError(2, "no such thing", "file")
            e.add_note("first note")
            e.add_note("second\nnote in two lines")
            raise e


try:
    high()
finally:
    print("finally ran")
