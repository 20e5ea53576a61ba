# PyThreadState_SetAsyncExc delivered into hot loops of another thread and of the same thread.
# contract: 6
import ctypes
import sys
import threading
import traceback

set_async = ctypes.pythonapi.PyThreadState_SetAsyncExc
set_async.argtypes = [ctypes.c_ulong, ctypes.py_object]


class Kill(Exception):
    pass


def victim(kind, started, out):
    i = 0
    x = 0.0
    try:
        started.set()
        if kind == "int":
            while True:
                i += 1
        elif kind == "float":
            while True:
                x += 1.0
        elif kind == "for":
            for i in range(10**15):
                x = i * 0.5
        elif kind == "gen":
            for i in (k for k in range(10**15)):
                pass
        elif kind == "calls":
            while True:
                i = helper(i)
    except Kill as e:
        out.append((kind, e.args, e.__traceback__.tb_frame.f_code.co_name))
    else:
        out.append("left without exception")


def helper(i):
    return i + 1


for kind in ("int", "float", "for", "gen", "calls"):
    out = []
    started = threading.Event()
    th = threading.Thread(target=victim, args=(kind, started, out))
    th.start()
    started.wait()
    n = set_async(th.ident, Kill)
    th.join(20)
    print(n, out, th.is_alive())


def self_hit(n):
    t = 0
    for i in range(n):
        t += i
        if i == n - 100:
            set_async(threading.get_ident(), Kill)
    return t


try:
    self_hit(6000)
except Kill as e:
    f = e.__traceback__.tb_next.tb_frame
    print("self", f.f_locals["i"] - 5900 in (0, 1), f.f_code.co_name)


def pending():
    calls = []
    CB = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p)

    def cb(arg):
        calls.append(1)
        return 0

    keep = CB(cb)
    t = 0
    for i in range(6000):
        t += i
        if i == 5000:
            ctypes.pythonapi.Py_AddPendingCall(keep, None)
        if calls:
            break
    return i - 5000 in (0, 1), len(calls)


print(pending())
print(set_async(1, Kill))
