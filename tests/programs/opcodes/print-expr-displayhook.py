# Interactive mode: PRINT_EXPR through sys.displayhook, _ handling, replaced, missing and failing hooks.
# contract: 1
import builtins
import subprocess
import sys


def run(src, **ns):
    try:
        exec(compile(src, "<single>", "single"), ns)
    except BaseException as e:
        print(type(e).__name__, e)


run("1 + 1")
run("None")
run("'text'; [1, 2]; x = 5; x")
print(builtins._)
run("for i in range(3): i * 10")
run("if True:\n    'in if'\n    None\n    (1,)\n")
run("def f():\n    'not printed'\n    1\n")
real = sys.displayhook
sys.displayhook = lambda v: print("hook", v)
run("5")


def failing(v):
    raise KeyError(v)


sys.displayhook = failing
run("6")
del sys.displayhook
run("7")
sys.displayhook = real


class R:
    def __repr__(self):
        raise ValueError("repr")


run("R()", R=R)
run("undefined")
ns = {}
exec(compile("x = 1\nx + 1\n", "<exec>", "exec"), ns)
print(eval(compile("2 * 3", "<eval>", "eval")))
src = "1+1\nx = [1]\nx\nfor i in range(3): i\n\n1/0\nprint(_)\ndef f(n):\n    t = 0\n    for i in range(n): t += i\n    return t\n\nf(6000)\nNone\n"
p = subprocess.run([sys.executable, "-i", "-c", "print('cmd')"], input=src, capture_output=True, text=True)
print(p.returncode, p.stdout)
print(p.stderr.replace(">>> ", "").replace("... ", ""))
p = subprocess.run([sys.executable, "-q"], input="print('stdin script')\n5\n", capture_output=True, text=True)
print(p.returncode, p.stdout, p.stderr)
