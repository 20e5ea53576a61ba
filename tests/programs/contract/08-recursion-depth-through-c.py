# RecursionError comes at exactly python3.11's depth where functions of C are in between, too. CPython counts those
# by how it has specialised each call, which a trace recorded at the first execution does not know.
# contract: 8
# modes: default, nojit
import os
import sys

# The same cases as in the other program, none left out.
sys.argv.append("through-c")
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "08-recursion-depth-exact.py")
with open(path) as program:
    exec(compile(program.read(), path, "exec"))
