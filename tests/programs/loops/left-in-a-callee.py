# A loop that a trace lets run leaves in a function that it has inlined, so often that the outer tree is tried.
# contract: 6
# env: PYRT_JIT_BACKGROUND=0
# env: PYRT_JIT_SIDE_TRACES=0
# env: PYRT_JIT_COMPILE_SHARE=0
# env: PYRT_JIT_EXIT_COST=100000
# env: PYRT_JIT_LOOP_THRESHOLD=10
# expect: traces>=2
# expect: trace_exits>=12000
def odd(value, rare):
    result = value + 1
    if value == rare:
        result = result * 3
        result = result - value
    return result


def total(rares):
    found = 0
    for rare in rares:
        for value in range(20):
            found += odd(value, rare)
    return found


print(total([-1] * 200))
print(total([3, 7, 11, 15, 19] * 4000))
