# Loops over new ranges inside a loop whose variable changes its type: positions survive exits at the header.
# contract: 1
seen = []
def f(l, v):
    f2 = 2.0
    for i, a in enumerate(l):
        f2 = f2
        for k in range(6):
            seen.append(v)
    return len(seen)
for turn in range(10):
    seen.clear(); f([1,2,3], turn)
    seen.clear()
    print(f(['a', 2.5]*turn, turn), end=' ')
