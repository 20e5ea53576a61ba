# os.fork in the middle of hot loops, from threads and generators: children continue with the same values.
# contract: 9
import os
import sys
import threading


def child_exit(code):
    sys.stdout.flush()
    os._exit(code)


def loop(n):
    t = 0
    x = 0.5
    kids = []
    for i in range(n):
        t = (t * 31 + i) & 0xFFFF
        x = x * 0.5 + i
        if i % 2000 == 1999:
            pid = os.fork()
            if pid == 0:
                for j in range(i, n):
                    t = (t + j) & 0xFFFF
                child_exit(t % 200)
            kids.append((pid, t, i))
    res = []
    for pid, t0, i in kids:
        _, st = os.waitpid(pid, 0)
        for j in range(i, n):
            t0 = (t0 + j) & 0xFFFF
        res.append(os.waitstatus_to_exitcode(st) == t0 % 200)
    return t, x, res


sys.stdout.flush()
print(loop(6000))
sys.stdout.flush()


def with_threads():
    stop = []
    out = []

    def spin():
        i = 0
        while not stop:
            i += 1
        out.append(i > 0)

    ths = [threading.Thread(target=spin) for _ in range(2)]
    [t.start() for t in ths]
    codes = []
    for k in range(3):
        pid = os.fork()
        if pid == 0:
            t = 0
            for i in range(6000):
                t += i
            os._exit(threading.active_count() * 10 + t % 7)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    stop.append(1)
    [t.join() for t in ths]
    return codes, out


print(with_threads())
sys.stdout.flush()


def fork_from_thread():
    res = []

    def run():
        t = 0
        for i in range(6000):
            t += i
            if i == 5000:
                pid = os.fork()
                if pid == 0:
                    u = 0
                    for j in range(6000):
                        u += j
                    os._exit(0 if u == 17997000 else 1)
                res.append(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        res.append(t)

    th = threading.Thread(target=run)
    th.start()
    th.join()
    return res


print(fork_from_thread())
sys.stdout.flush()


def fork_in_generator():
    def g():
        t = 0
        for i in range(6000):
            t += i
            if i == 5000:
                yield os.fork()
        yield t

    it = g()
    pid = next(it)
    if pid == 0:
        os._exit(0 if next(it) == 17997000 else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), next(it)


print(fork_in_generator())
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    print("child prints", flush=True)
    pid2 = os.fork()
    if pid2 == 0:
        print("grandchild prints", flush=True)
        sys.exit(3)
    print("grandchild code", os.waitstatus_to_exitcode(os.waitpid(pid2, 0)[1]), flush=True)
    raise SystemExit(4)
print("child code", os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
os.register_at_fork(before=lambda: log.append("before"), after_in_parent=lambda: log.append("parent"), after_in_child=lambda: log.append("child"))
log = []
pid = os.fork()
if pid == 0:
    os._exit(len(log) + (10 if log[-1] == "child" else 0))
print(log, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
