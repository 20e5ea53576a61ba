# A virtual machine with a stack: unpacked tuples, a chain of `if` on globals, pushes and pops.
# reach: 4
PUSH = 0
LOAD = 1
STORE = 2
ADD = 3
SUBTRACT = 4
MULTIPLY = 5
MODULO = 6
JUMP_IF = 7
HALT = 8

# total = 0; n = LIMIT; do { total = (total + n * n) % 10007; n = n - 1 } while n; total
PROGRAM = [
    (PUSH, 0),
    (STORE, 0),
    (PUSH, 20_000),
    (STORE, 1),
    (LOAD, 0),
    (LOAD, 1),
    (LOAD, 1),
    (MULTIPLY, 0),
    (ADD, 0),
    (PUSH, 10_007),
    (MODULO, 0),
    (STORE, 0),
    (LOAD, 1),
    (PUSH, 1),
    (SUBTRACT, 0),
    (STORE, 1),
    (LOAD, 1),
    (JUMP_IF, 4),
    (LOAD, 0),
    (HALT, 0),
]


def execute(program):
    stack = []
    variables = [0, 0]
    counter = 0
    while True:
        operation, operand = program[counter]
        counter += 1
        if operation == PUSH:
            stack.append(operand)
        elif operation == LOAD:
            stack.append(variables[operand])
        elif operation == STORE:
            variables[operand] = stack.pop()
        elif operation == ADD:
            right = stack.pop()
            stack.append(stack.pop() + right)
        elif operation == SUBTRACT:
            right = stack.pop()
            stack.append(stack.pop() - right)
        elif operation == MULTIPLY:
            right = stack.pop()
            stack.append(stack.pop() * right)
        elif operation == MODULO:
            right = stack.pop()
            stack.append(stack.pop() % right)
        elif operation == JUMP_IF:
            if stack.pop():
                counter = operand
        else:
            return stack.pop()


def run():
    return execute(PROGRAM)


if __name__ == "__main__":
    print(run())
