# Exit status and stderr of errors in finally, threads, hooks, recursion, closed streams and hot code, through -c.
# contract: 1
# timeout: 60
import subprocess
import sys

hot = "def hot(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\n"
progs = [
    "import os, signal; os.kill(os.getpid(), signal.SIGTERM)",
    hot + "import sys\nsys.exit(hot(6000) % 100)",
    hot + "hot(6000)\nraise ValueError(hot(10))",
    "import sys\ntry:\n    sys.exit(4)\nfinally:\n    print('finally')",
    "import sys\ntry:\n    sys.exit(4)\nfinally:\n    raise KeyError('replaces')",
    "import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()\nprint('main goes on')",
    "import threading, sys\nt = threading.Thread(target=sys.exit, args=(5,))\nt.start()\nt.join()\nprint('thread exit ignored')",
    "import atexit, sys\natexit.register(lambda: print('bye'))\nsys.exit(6)",
    "import sys\nsys.excepthook = None\n1/0",
    "import sys\ndel sys.excepthook\n1/0",
    "import sys\nsys.stderr = None\n1/0",
    "import sys\nsys.tracebacklimit = 0\ndef f(): 1/0\nf()",
    "import sys\nsys.stdout.close()",
    "def f():\n    f()\nimport sys\nsys.setrecursionlimit(60)\nf()",
    "async def f(): pass\nf()",
    "print('no newline', end='')",
    "exit(3)",
    "quit()",
    "import asyncio\nasync def m(): raise SystemExit(8)\nasyncio.run(m())",
]
for p in progs:
    r = subprocess.run([sys.executable, "-c", p], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    print(r.returncode, repr(p[-60:]), repr(r.stdout))
    print(r.stderr)
