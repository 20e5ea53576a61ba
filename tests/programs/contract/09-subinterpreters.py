# Subinterpreters run hot loops, raise, import and are destroyed; code and classes do not leak across.
# contract: 9
import _xxsubinterpreters as si
import os
import threading

src = """
def hot(n):
    t = 0
    x = 0.5
    for i in range(n):
        t += i
        x = x * 0.5 + i
    return t, x
class K:
    v = 1
    def m(self): return self.v
k = K()
s = 0
for i in range(300):
    s += k.m()
    if i == 200:
        K.v = 10
print(hot(6000), s, __name__, flush=True)
"""


def hot(n):
    t = 0
    for i in range(n):
        t += i
    return t


print(hot(6000), flush=True)
ids = [si.create() for _ in range(3)]
for i in ids:
    si.run_string(i, src)
    print(hot(6000), flush=True)
for i in ids:
    si.run_string(i, "print(hot(100), hot(6000)[0] + base, flush=True)", shared={"base": 5})
try:
    si.run_string(ids[0], "def f(n):\n    for i in range(n):\n        x = 1 // (n - 1 - i)\nf(6000)")
except si.RunFailedError as e:
    print(type(e).__name__, e)
r, w = os.pipe()
si.run_string(ids[1], f"import os\nos.write({w}, str(sum(i for i in range(6000))).encode())")
print(os.read(r, 100))


def in_thread(i):
    si.run_string(i, "t = 0\nfor i in range(6000):\n    t += i\nprint('thread', t, flush=True)")


for i in ids:
    th = threading.Thread(target=in_thread, args=(i,))
    th.start()
    th.join()
si.run_string(ids[2], "class D:\n    def __del__(self, p=print):\n        p('del in subinterpreter', flush=True)\nd = D()\ndel d\nimport builtins\nbuiltins.len = lambda x: 'patched'\nprint(len([]), flush=True)")
print(len([]), flush=True)
si.run_string(ids[2], "import sys\ndef f(n):\n    global d\n    d = n\n    f(n + 1)\nsys.setrecursionlimit(100)\ntry:\n    f(0)\nexcept RecursionError as e:\n    print(e, flush=True)")
for i in ids:
    si.destroy(i)
print(hot(6000), len(si.list_all()))
