# &, | and ^ with negative ints, bools (whose results stay bools) and ints of three digits.
# contract: 1
# env: PYRT_JIT_BACKGROUND=0
# expect: traces>=1
def mix(n, a, b):
    x = 0
    for i in range(n):
        x = (x & a) | (b ^ i)
        x ^= a
    return x


def boolops(n):
    a = True
    b = False
    c = 0
    for i in range(n):
        a = a ^ b
        b = a | b
        c += a & b
        a = a & (i % 3 == 0)
        b = b & a
    return a, b, c, type(a).__name__, type(b).__name__, type(a & 1).__name__


vals = (0, 1, -1, 255, -256, 2**30 - 1, -(2**30), 2**60, -(2**60) + 1, 2**62, 2**63 - 1, -(2**63), 2**63, -(2**64) + 3, 2**100 - 1, -(2**100), True)
for a in vals:
    print(a, [mix(40, a, b) for b in vals])
print(mix(6001, 0x5555555555, -7), mix(6001, -(2**63), 2**63 - 1), mix(6000, 2**64, -1))
print(boolops(6000))


def mixbool(n):
    t = False
    for i in range(n):
        t = t | (i > 5)
        if i == n - 3:
            t = t + 1
    return t, type(t).__name__


print(mixbool(6000))


def sieve_bits(n):
    bits = 0
    for i in range(n):
        bits |= 1 << (i * i % 61)
    return bits, bits & -bits, bits ^ (bits - 1)


print(sieve_bits(6000))
