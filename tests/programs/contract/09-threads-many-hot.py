# Many threads run the same hot functions at once, each with other types, with fast switching and thread churn.
# contract: 9
import queue
import sys
import threading

sys.setswitchinterval(1e-5)


def work(x, n):
    t = x
    for i in range(n):
        t = t + x
        if i % 500 == 499:
            t = t - i
    return t


def gen(x, n):
    t = x
    for i in range(n):
        t += x
        if i % 100 == 0:
            yield t


vals = [1, 0.5, 2**63, True, -3, -0.25, 10**30, 2**31]
expect = [work(v, 3000) for v in vals], [list(gen(v, 600)) for v in vals]
res = {}


def run(k):
    res[k] = work(vals[k % 8], 3000), list(gen(vals[k % 8], 600))


ths = [threading.Thread(target=run, args=(k,)) for k in range(24)]
[t.start() for t in ths]
[t.join() for t in ths]
print(all(res[k] == (expect[0][k % 8], expect[1][k % 8]) for k in range(24)), len(res))
q, out = queue.Queue(), queue.Queue()


def consumer():
    while True:
        v = q.get()
        if v is None:
            break
        out.put((v, sum(work(v, 200) for _ in range(3))))


cs = [threading.Thread(target=consumer) for _ in range(3)]
[c.start() for c in cs]
for i in range(60):
    q.put(i)
for _ in cs:
    q.put(None)
[c.join() for c in cs]
print(sorted(out.queue)[:3], out.qsize(), sorted(out.queue) == sorted((i, 3 * work(i, 200)) for i in range(60)))
shared = gen(1, 10**6)
errs = []
got = []


def pull():
    for _ in range(200):
        try:
            got.append(next(shared))
        except ValueError as e:
            errs.append(str(e))


ths = [threading.Thread(target=pull) for _ in range(3)]
[t.start() for t in ths]
[t.join() for t in ths]
print(set(errs) <= {"generator already executing"}, len(got) + len(errs), len(set(got)) == len(got))


class Patched:
    v = 1


def reader(stop, out):
    seen = set()
    p = Patched()
    while not stop:
        seen.add(p.v)
    out.append(seen <= {1, 0.5, "s", None})


def writer():
    for i in range(300):
        Patched.v = (1, 0.5, "s", None)[i % 4]


stop, outs = [], []
rs = [threading.Thread(target=reader, args=(stop, outs)) for _ in range(2)]
[r.start() for r in rs]
writer()
stop.append(1)
[r.join() for r in rs]
print(outs)
for round_ in range(5):
    ths = [threading.Thread(target=work, args=(1, 100)) for _ in range(10)]
    [t.start() for t in ths]
    [t.join() for t in ths]
print("done")
