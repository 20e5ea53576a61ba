# Instances that get keys of their own take away the version of the keys that their class shares, each time: a trace that
# has seen a name not to be among them goes by how many there are.
# env: PYRT_JIT_EXIT_COST=0
# expect: traces>=1, trace_exits<=3000


class State:
    def __init__(self, number):
        self.number = number
        self.forget = self.cleanup

    def cleanup(self):
        return self.number


def make(number):
    state = State(number)
    names = state.__dict__
    names["own" + str(number)] = number
    return state


def total(rounds):
    result = 0
    for number in range(rounds):
        result += make(number).forget()
        result += State(number).cleanup()
    return result


print(total(20_000))


# A key that hides a method in the instances that have it.
class Late:
    def __init__(self, number):
        self.number = number

    def total(self):
        return self.number + self.more()

    def more(self):
        return 1


def summed(rounds):
    result = 0
    for number in range(rounds):
        late = Late(number)
        if number >= rounds - 50:
            late.more = lambda: 1000
        result += late.total()
    return result


print(summed(20_000))
