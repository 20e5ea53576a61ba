# threading.settrace and setprofile reach threads started later; settrace in one thread leaves others alone.
# contract: 5
import sys
import threading

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        events.append((threading.current_thread().name, frame.f_code.co_name, event))
        return tracer


def work(n):
    t = 0
    for i in range(n):
        t += i
    return t


def target(n, out):
    out.append(work(n))


def run(name, n=4):
    out = []
    th = threading.Thread(target=target, args=(n, out), name=name)
    th.start()
    th.join()
    return out


work(6000)
print(run("plain"), events)
threading.settrace(tracer)
print(run("traced"), len(events), events[:5])
events.clear()
print(work(5), events)
threading.settrace(None)
print(run("again"), events)
threading.setprofile(lambda f, e, a: events.append((threading.current_thread().name, f.f_code.co_name, e)) if f.f_code.co_filename == __file__ else None)
print(run("profiled"))
print([e for e in events if e[1] in ("work", "target")])
threading.setprofile(None)
events.clear()
go, done = threading.Event(), threading.Event()


def spin(out):
    t = 0
    i = 0
    while not stop[0]:
        for k in range(100):
            i += k
        t += 1
        if t == 200:
            go.set()
    out.append(i > 0)


stop = [False]
out = []
th = threading.Thread(target=spin, args=(out,), name="spinner")
th.start()
go.wait()
sys.settrace(tracer)
work(3)
sys.settrace(None)
stop[0] = True
th.join()
print(out, [e for e in events if e[0] == "spinner"], len(events))
events.clear()


def self_tracing():
    t = work(6000)
    sys.settrace(tracer)
    t += work(3)
    sys.settrace(None)
    out.append(t)


th = threading.Thread(target=self_tracing, name="self")
th.start()
th.join()
print(out, events)
