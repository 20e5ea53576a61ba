# An uncaught KeyboardInterrupt in a hot loop kills the process by SIGINT after printing its traceback.
# contract: 6 1
import subprocess
import sys

prog = """
import signal
def hot(n):
    t = 0
    for i in range(n):
        t += i
        if i == n - 3:
            signal.raise_signal(signal.SIGINT)
    return t
try:
    hot(%d)
finally:
    print('finally ran', flush=True)
"""
for n in (10, 6000):
    r = subprocess.run([sys.executable, "-c", prog % n], capture_output=True, text=True)
    print(r.returncode, r.stdout, r.stderr)
prog = """
import os, signal, threading
def spin():
    i = 0
    while True:
        i += 1
t = threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGINT))
t.daemon = True
t.start()
print('spinning', flush=True)
spin()
"""
r = subprocess.run([sys.executable, "-c", prog], capture_output=True, text=True)
print(r.returncode, r.stdout, r.stderr.splitlines()[0], r.stderr.splitlines()[-1])
prog = """
import signal, sys
signal.signal(signal.SIGTERM, lambda s, f: sys.exit(7))
def spin():
    x = 0.0
    while True:
        x += 1.0
signal.signal(signal.SIGALRM, lambda s, f: signal.raise_signal(signal.SIGTERM))
signal.setitimer(signal.ITIMER_REAL, 0.03)
spin()
"""
r = subprocess.run([sys.executable, "-c", prog], capture_output=True, text=True)
print(r.returncode, r.stdout, r.stderr)
prog = """
import signal
def spin():
    while True:
        pass
signal.setitimer(signal.ITIMER_REAL, 0.03)
spin()
"""
r = subprocess.run([sys.executable, "-c", prog], capture_output=True, text=True)
print(r.returncode, r.stdout, r.stderr)
