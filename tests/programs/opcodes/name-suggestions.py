# Traceback output carries "Did you mean" suggestions for names and attributes, printed by the C code at exit paths.
# contract: 1
import subprocess
import sys

progs = [
    "lenght = 1\ndef f():\n    return lengt\nf()",
    "def f():\n    value = 1\n    return valeu\nf()",
    "import math\nmath.sqroot(2)",
    "class A:\n    blech = 1\nA().bluch",
    "x = [1]\nx.apend(2)",
    "pritn(1)",
    "def f():\n    return self.x\nf()",
    "from math import sqroot",
    "print(rang(3))",
    "class A:\n    def __init__(self):\n        self.color = 1\n    def g(self):\n        return colour + color\nA().g()",
    "ValueErro('x')",
    "def outer():\n    captured = 1\n    def inner():\n        print(captured)\n        return capturd\n    inner()\nouter()",
    "del undefned",
    "import sys\nsys.pth",
    "try:\n    prnt\nexcept NameError as e:\n    raise",
    "def hot(n):\n    total = 0\n    for i in range(n):\n        if i == n - 1:\n            total += totl\n        total += i\n    return total\nhot(6000)",
    "a = 1\nclass C:\n    b = aa\n",
    "(lambda vert: vret)(1)",
    "''.uper()",
    "None.x",
    "exec('xyz = 1; xzy')",
    "import re\nre.cmpile",
    "class S:\n    __slots__ = ('alpha',)\nS().alpah",
]
for p in progs:
    r = subprocess.run([sys.executable, "-c", p], capture_output=True, text=True)
    print(r.returncode, repr(r.stdout))
    print(r.stderr)
