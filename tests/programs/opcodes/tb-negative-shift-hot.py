# Hot loop, nested one level, leaves by ValueError of a negative shift count in the inner loop.
# contract: 1
# expect-exit: 1
def hot(n):
    t = 1
    for i in range(n):
        for k in range(30, -2 if i == n - 1 else 20, -1):
            t = (t + (1 << k)) & 0xFFFF
    return t


print(hot(600))
hot(600)
