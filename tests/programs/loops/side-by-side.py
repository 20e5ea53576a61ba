# Two loops in a third one: the side trace that leaves one of them needs what only the third one has, so it ends with its loop.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_LOOP_THRESHOLD=20
# env: PYRT_JIT_ENTRY_THRESHOLD=20
# env: PYRT_JIT_EXIT_THRESHOLD=20
# env: PYRT_JIT_EXIT_COST=0
# expect: traces>=2, side_traces>=1


def advance(rounds, pairs, bodies, dt):
    for step in range(rounds):
        for a, b in pairs:
            d = a[0] - b[0]
            m = dt * (d * d + 0.25) ** -1.5
            a[1] -= d * b[2] * m
            b[1] += d * a[2] * m
        for r in bodies:
            r[0] += dt * r[1]
            if step == rounds - 3:
                r[2] = round(r[2] * 2)


def main():
    bodies = [[float(i), 0.5 - i, 1.0 + i] for i in range(5)]
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[:i]]
    for rounds in 50, 2000, 1, 300:
        advance(rounds, pairs, bodies, 0.001)
        print(bodies)


main()
