# Other threads make progress while one spins in a numeric loop; the spinner sees their writes.
# contract: 6 7
import sys
import threading
import time

stop = False
started = threading.Event()


def spin_global(out):
    i = 0
    started.set()
    while not stop:
        i += 1
    out.append(i > 0)


def spin_cell(box):
    started.set()
    t = 0.0
    while box[0]:
        t += 0.5
    box.append(t > 0)


def spin_pure(n, out):
    t = 0
    for i in range(n):
        t = (t + i) & 0xFFFFFF
    out.append(t)


out = []
th = threading.Thread(target=spin_global, args=(out,))
th.start()
started.wait()
for _ in range(5):
    time.sleep(0.002)
stop = True
th.join(20)
print(out, th.is_alive())
started.clear()
box = [True]
th = threading.Thread(target=spin_cell, args=(box,))
th.start()
started.wait()
time.sleep(0.005)
box[0] = False
th.join(20)
print(box, th.is_alive())


class Obj:
    go = True


def spin_attr(o, out):
    c = 0
    started.set()
    while o.go:
        c += 1
    out.append("attr seen")


out = []
started.clear()
o = Obj()
th = threading.Thread(target=spin_attr, args=(o, out))
th.start()
started.wait()
time.sleep(0.005)
Obj.go = False
th.join(20)
print(out, th.is_alive())
def spin_until_ticked(k, out):
    t = 0
    while ticks[0] < 5:
        for i in range(1000):
            t = (t + i) & 0xFFFFFF
    out.append(k)


def ticker():
    while ticks[0] < 5:
        ticks[0] += 1
        time.sleep(0.0005)


out = []
ticks = [0]
ths = [threading.Thread(target=spin_until_ticked, args=(k, out)) for k in range(4)]
for t in ths:
    t.start()
tk = threading.Thread(target=ticker)
tk.start()
tk.join(20)
for t in ths:
    t.join(20)
print(sorted(out), ticks)
out = []
ths = [threading.Thread(target=spin_pure, args=(60000, out)) for _ in range(4)]
for t in ths:
    t.start()
for t in ths:
    t.join()
print(set(out), len(out))
old = sys.getswitchinterval()
sys.setswitchinterval(1e-5)
counter = 0
lock = threading.Lock()


def locked(n):
    global counter
    for i in range(n):
        with lock:
            counter += 1


ths = [threading.Thread(target=locked, args=(1500,)) for _ in range(4)]
[t.start() for t in ths]
[t.join() for t in ths]
print(counter)
local = threading.local()


def uselocal(n, res):
    local.v = n
    t = 0
    for i in range(3000):
        t += local.v
    res.append(t)


res = []
ths = [threading.Thread(target=uselocal, args=(k, res)) for k in range(4)]
[t.start() for t in ths]
[t.join() for t in ths]
print(sorted(res))
sys.setswitchinterval(old)
