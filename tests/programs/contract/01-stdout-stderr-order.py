# Output order of buffered and flushed prints, prints from __del__, threads joined, subprocesses and os.write.
# contract: 1
import os
import subprocess
import sys
import threading


class N:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("del", self.n)


def hot(n):
    t = 0
    for i in range(n):
        t += i
        if i % 2000 == 0:
            print("at", i, t)
            N(i)
    return t


print(hot(6000))
sys.stdout.flush()
os.write(1, b"raw write\n")
th = threading.Thread(target=hot, args=(4001,))
th.start()
th.join()
sys.stdout.flush()
subprocess.run([sys.executable, "-c", "print('child')"])
print("x", end="")
print("y", file=sys.stderr)
print("z", flush=True)
sys.stdout.write("no newline")
sys.stdout.flush()
sys.stderr.write("err line\n")
print()
print(*(i * i for i in range(5)), sep=",", end=";\n")
print("\u20ac caf\u00e9".encode("ascii", "backslashreplace"))
x = N("module global")
