# No mapping is ever writable and executable at once, looked at often while loops get hot.
# contract: 11
import threading


def rwx():
    with open("/proc/self/maps") as f:
        return [l for l in f if "rwx" in l.split()[1]]


bad = []


def sample(stop):
    while not stop:
        bad.extend(rwx())


def hot(n, k):
    t = k
    for i in range(n):
        t = (t * 3 + i) & 0xFFFF
    return t


stop = []
th = threading.Thread(target=sample, args=(stop,))
th.start()
out = 0
for k in range(30):
    ns = {}
    exec(f"def f(n):\n    t = {k}\n    for i in range(n):\n        t += i\n        if i % 700 == {k}: t -= 1\n    return t\n", ns)
    out += ns["f"](6000)
    bad.extend(rwx())
out += hot(6000, 1)
stop.append(1)
th.join()
print(out, bad)
