# The command line runs modules, packages, directories and broken files with the same output and status.
# contract: 1
# timeout: 60
import os
import subprocess
import sys
import tempfile

hot = "def hot(n):\n    t = 0\n    for i in range(n):\n        t += i\n    return t\n"
with tempfile.TemporaryDirectory() as d:
    os.chdir(d)
    files = {
        "mod.py": "import sys\nprint(__name__, sys.argv[1:], __package__)\n" + hot + "print(hot(6000))\n",
        "pkg/__init__.py": "",
        "pkg/__main__.py": "print('package main', __name__, __package__)\n1/0\n",
        "nomain/__init__.py": "",
        "script.py": "import mod2\n",
        "mod2.py": "def f():\n    raise KeyError('in module')\nf()\n",
        "bad.py": "def f(:\n",
        "tabs.py": "if 1:\n\tx = 1\n        y = 2\n",
        "dirapp/__main__.py": "print('dir main', __name__)\n",
    }
    for n, s in files.items():
        os.makedirs(os.path.dirname(n) or ".", exist_ok=True)
        with open(n, "w") as f:
            f.write(s)
    for args in (
        ["-m", "mod", "a", "b"],
        ["-m", "pkg"],
        ["-m", "nomain"],
        ["-m", "absent"],
        ["-m", "pkg.absent"],
        ["script.py", "x"],
        ["bad.py"],
        ["tabs.py"],
        ["absent.py"],
        ["dirapp"],
        ["."],
        ["-c"],
    ):
        r = subprocess.run([sys.executable, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        print(args, r.returncode, len(r.stdout) if "-h" in args else r.stdout.replace(d, "D").replace(sys.executable, "EXE"))
        print(r.stderr.replace(d, "D").replace(sys.executable, "EXE"))
    os.chdir("/")
