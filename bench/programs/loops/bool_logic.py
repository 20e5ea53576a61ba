# bool locals with not, and, or: comparison results kept and combined.
def run():
    up = True
    edge = False
    level = 0
    turns = 0
    for i in range(900_000):
        edge = level >= 50 or level <= -50
        if edge and (up == (level > 0)):
            up = not up
            turns += 1
        level = level + 1 if up else level - 1
    return level, turns, up, edge


if __name__ == "__main__":
    print(run())
