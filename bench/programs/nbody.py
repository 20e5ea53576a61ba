# The sun and two giant planets under gravity, stepped by a symplectic integrator.
#
# The numeric work sits in one function whose state is float locals: three bodies in
# the plane of their orbits, positions and velocities. Units: astronomical unit, year,
# solar mass, so that the constant of gravity is 4 pi^2.
#
#     python3.11 bench/programs/nbody.py [steps]
import math
import sys

G = 4.0 * math.pi * math.pi

SUN = 1.0
JUPITER = 9.547919384243266e-04
SATURN = 2.858859806661308e-04


def circular(distance):
    """Speed of a circular orbit around the sun."""
    return math.sqrt(G * SUN / distance)


def start():
    """Positions and velocities of the three bodies, the centre of mass at rest."""
    jx, jy, jvx, jvy = 5.2, 0.0, 0.0, circular(5.2)
    sx, sy, svx, svy = 0.0, 9.58, -circular(9.58), 0.0
    vx = -(jvx * JUPITER + svx * SATURN) / SUN
    vy = -(jvy * JUPITER + svy * SATURN) / SUN
    return 0.0, 0.0, vx, vy, jx, jy, jvx, jvy, sx, sy, svx, svy


def energy(state):
    """Kinetic plus potential energy, which the integrator should nearly keep."""
    ax, ay, avx, avy, bx, by, bvx, bvy, cx, cy, cvx, cvy = state
    kinetic = 0.5 * (SUN * (avx * avx + avy * avy) + JUPITER * (bvx * bvx + bvy * bvy) + SATURN * (cvx * cvx + cvy * cvy))
    ab = math.hypot(ax - bx, ay - by)
    ac = math.hypot(ax - cx, ay - cy)
    bc = math.hypot(bx - cx, by - cy)
    return kinetic - G * (SUN * JUPITER / ab + SUN * SATURN / ac + JUPITER * SATURN / bc)


def advance(state, dt, steps):
    """Move the bodies on by `steps` steps of `dt` years: kick by gravity, then drift."""
    ax, ay, avx, avy, bx, by, bvx, bvy, cx, cy, cvx, cvy = state
    ka = G * SUN * dt
    kb = G * JUPITER * dt
    kc = G * SATURN * dt
    close = 0
    for _ in range(steps):
        dx = bx - ax
        dy = by - ay
        d2 = dx * dx + dy * dy
        w = 1.0 / (d2 * d2**0.5)
        avx += kb * w * dx
        avy += kb * w * dy
        bvx -= ka * w * dx
        bvy -= ka * w * dy

        dx = cx - ax
        dy = cy - ay
        d2 = dx * dx + dy * dy
        w = 1.0 / (d2 * d2**0.5)
        avx += kc * w * dx
        avy += kc * w * dy
        cvx -= ka * w * dx
        cvy -= ka * w * dy

        dx = cx - bx
        dy = cy - by
        d2 = dx * dx + dy * dy
        if d2 < 25.0:
            close += 1
        w = 1.0 / (d2 * d2**0.5)
        bvx += kc * w * dx
        bvy += kc * w * dy
        cvx -= kb * w * dx
        cvy -= kb * w * dy

        ax += dt * avx
        ay += dt * avy
        bx += dt * bvx
        by += dt * bvy
        cx += dt * cvx
        cy += dt * cvy
    return (ax, ay, avx, avy, bx, by, bvx, bvy, cx, cy, cvx, cvy), close


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 4_000_000
    dt = 0.001
    state = start()
    print(f"energy at the start   {energy(state):.12f}")
    done = 0
    for part in range(4):
        n = (part + 1) * steps // 4 - done
        state, close = advance(state, dt, n)
        done += n
        print(f"after {done * dt:10.3f} years {energy(state):.12f}, conjunctions lasted {close * dt:.3f} years")
    print(f"Jupiter at ({state[4]:+.9f}, {state[5]:+.9f}), Saturn at ({state[8]:+.9f}, {state[9]:+.9f})")


if __name__ == "__main__":
    main()
