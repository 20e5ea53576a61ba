# An argument that a function rebinds dies at once, also where compiled code calls the function.
# contract: 2
log = []
class C0:
    def __init__(self, a): self.a = a
    def __del__(self): log.append(self.a)
class C1(C0): pass
def fn(f, o, d):
    w = 0
    while True:
        w += 1
        if w > 7: break
        o = C1(w)
        f += w
    return f
def main():
    d = {}
    for turn in range(9):
        try:
            print(turn, fn(3.0, C1(turn), d), log[-9:])
        except Exception as e: print(e)
main()
print(log)
