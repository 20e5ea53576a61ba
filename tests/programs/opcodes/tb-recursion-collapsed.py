# Deep uncaught recursion: repeated lines are collapsed with the right count.
# contract: 8
# expect-exit: 1
import sys

sys.setrecursionlimit(200)


def f(n):
    return f(n + 1) + 1


f(0)
