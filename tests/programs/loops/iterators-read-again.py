# An outer loop's iterator that one side trace reads from the frame's memory, after an operation that the interpreter has carried
# out, and another one has never touched: it must not be carried in a register by the loop that both come back to.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# expect: traces>=3


class Doubles:
    def __call__(self, x):
        return x + x


def rounds(log, *rest):
    i = True
    number = i
    start = -0.0
    doubles = Doubles()
    for turn in range(9):
        try:
            try:
                f = start
            except ValueError:
                log.append(None)
            for _ in range(2):
                number = f * doubles(number)
        finally:
            if turn % 13 == 2:
                continue
            if not -(2**66) < i < 2**66:
                i = 65535
        count = 0
        while count < 4:
            count += 1
            log.append(turn)
    try:
        number ^= 5
    except TypeError:
        pass
    return len(log)


def main():
    for _ in range(30):
        log = []
        print(rounds(log, 1, 2), log == sorted(log), sum(log))


main()
