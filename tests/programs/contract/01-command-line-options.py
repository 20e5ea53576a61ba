# Command line options, right and wrong, and programs read from stdin.
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
        ["-c", "import sys; print(sys.argv)", "p", "q"],
        ["-Z"],
        ["-W", "error", "-c", "import warnings; warnings.warn('w')"],
        ["-X", "utf8=5", "-c", "1"],
        ["-O", "-c", "assert 0; print(__debug__)"],
        ["-OO", "-c", "def f():\n    'doc'\nprint(f.__doc__)"],
        ["-I", "-c", "import sys; print(sys.flags.isolated)"],
        ["-E", "-S", "-s", "-c", "import sys; print(sys.flags.no_site)"],
        ["-V"],
        ["-b", "-c", "print(b'a' == 'a')"],
        ["-bb", "-c", "b'a' == 'a'"],
        ["-v", "--unknown"],
        ["-x", "mod.py"],
        ["-u", "-c", "print('unbuffered')"],
        ["-q", "-c", "print('q')"],
        ["-m"],
        ["-h", "-V"],
        ["-d", "-c", "0"],
    ):
        r = subprocess.run([sys.executable, *args], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        print(args, r.returncode, len(r.stdout.replace(sys.executable, "EXE")) if "-h" in args else r.stdout.replace(d, "D").replace(sys.executable, "EXE"))
        print(r.stderr.replace(d, "D").replace(sys.executable, "EXE"))
    r = subprocess.run([sys.executable], input="import sys\nprint('from stdin', __name__, sys.argv)\n1/0\n", capture_output=True, text=True)
    print(r.returncode, r.stdout, r.stderr)
    r = subprocess.run([sys.executable, "-"], input=hot + "\nprint(hot(6000))\n", capture_output=True, text=True)
    print(r.returncode, r.stdout, r.stderr)
    os.chdir("/")
