# Every import form over modules made on the spot: dotted, as, from, star, relative, missing, circular.
# contract: 1
import os
import shutil
import sys
import tempfile

sys.dont_write_bytecode = True
top = tempfile.mkdtemp()
files = {
    "pk/__init__.py": "name = 'pk'\nprint('import pk')\n",
    "pk/a.py": "print('import pk.a')\nval = 1\nfrom . import b\nfrom .b import bv as renamed\nfrom .. import nothing_above\n",
    "pk/b.py": "print('import pk.b')\nbv = 2\n",
    "pk/sub/__init__.py": "from .. import b as pb\nfrom ..b import bv\nfrom . import leaf\n",
    "pk/sub/leaf.py": "leafval = 'leaf'\n",
    "star.py": "pub = 1\n_priv = 2\nother = 3\n",
    "starall.py": "__all__ = ['_priv', 'x']\n_priv = 2\nx = 3\ny = 4\n",
    "starbad.py": "__all__ = ['absent']\n",
    "starbad2.py": "__all__ = [5]\n",
    "starbad3.py": "globals()[5] = 1\n",
    "starpk/__init__.py": "__all__ = ['m1']\n",
    "starpk/m1.py": "v = 'm1 imported by star'\n",
    "circ1.py": "import circ2\nthing = 1\n",
    "circ2.py": "from circ1 import thing\n",
    "circ3.py": "import circ4\nvalue = 3\n",
    "circ4.py": "import circ3\nprint('partial', hasattr(circ3, 'value'))\ntry:\n    circ3.value\nexcept AttributeError as e:\n    print(e)\n",
    "circp/__init__.py": "from . import one\n",
    "circp/one.py": "from . import two\nfrom .two import t\n",
    "circp/two.py": "from . import one\nimport circp.one as o\nt = o is one\n",
    "broken.py": "x = 1\n1/0\n",
    "syntax.py": "def f(:\n",
    "lazy.py": "def __getattr__(name):\n    if name == 'dyn':\n        return 'dynamic'\n    raise AttributeError(f'lazy has no {name}')\n",
    "noname.py": "import sys\nsys.modules['noname'] = type('NotModule', (), {'q': 1})()\n",
}
for p, s in files.items():
    p = os.path.join(top, p)
    os.makedirs(os.path.dirname(p), exist_ok=True)
    with open(p, "w") as f:
        f.write(s)
sys.path.insert(0, top)


def t(src, *names):
    ns = {"__name__": "test", "__builtins__": __builtins__}
    try:
        exec(src, ns)
        print(repr(src), [getattr(ns.get(n), "__name__", ns.get(n)) for n in names])
    except Exception as e:
        print(repr(src), type(e).__name__, str(e).replace(top, "TOP"), getattr(e, "name", None))


t("import pk.b", "pk")
t("import pk.b as z", "z")
t("import pk.sub.leaf as l", "l")
t("import pk, pk.sub.leaf", "pk")
t("from pk import name, b as bb", "name", "bb")
t("from pk.sub.leaf import leafval as lv", "lv")
t("import pk.a")
t("import pk.a")
t("from pk import missing")
t("from pk import b, missing2")
t("import pk.missing3")
t("import absent")
t("import absent.child")
t("from absent import x")
t("import pk.b.c")
t("from star import *", "pub", "_priv", "other")
t("from starall import *", "_priv", "x", "y")
t("from starbad import *")
t("from starbad2 import *")
t("from starbad3 import *")
t("from starpk import *", "m1")
t("import circ1")
t("import circ2")
t("import circ3", "circ3")
t("from circp import one", "one")
t("import broken")
t("import broken")
t("import syntax")
t("from lazy import dyn", "dyn")
t("from lazy import nodyn")
t("import noname\nx = noname.q", "x")
t("from noname import q", "q")
t("from noname import w")
t("from . import x")
t("from .pk import x")
t("from sys import path as p, no_such")
t("import sys.path")
t("import os.path as osp", "osp")
t("from os import path", "path")
t("from math import *\nz = floor(pi)", "z")
t("from __future__ import annotations", "annotations")
try:
    exec("def f():\n    from os import *\n")
except SyntaxError as e:
    print(e.msg)
ns = {"__builtins__": {}}
try:
    exec("import os", ns)
except ImportError as e:
    print(type(e).__name__, e)
ns = {"__builtins__": {"__import__": lambda *a: ("fake", a[0], a[3], a[4])}}
exec("import x.y as z2\nimport q\n", {"__builtins__": {"__import__": lambda *a: type("M", (), {"y": "attr y"})}})
exec("import a.b", ns)
print(ns["a"])
try:
    exec("from m import n", {"__builtins__": {"__import__": lambda *a: 5}})
except ImportError as e:
    print(e)
sys.modules["blocked"] = None
t("import blocked")


def infunc():
    import json.decoder as d
    from os.path import join as j, sep
    import pk.sub

    return d.__name__, j("a", "b"), sep, pk.name


for _ in range(120):
    r = infunc()
print(r)
import builtins

real = builtins.__import__
calls = []


def hook(name, g=None, l=None, fl=(), lvl=0):
    calls.append((name, fl, lvl))
    return real(name, g, l, fl, lvl)


builtins.__import__ = hook
exec("import os.path\nfrom os import sep, path\nfrom os import *\n", {})
builtins.__import__ = real
print(calls)
shutil.rmtree(top)
