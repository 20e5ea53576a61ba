# pdb, trace and bdb run over numeric loops with breakpoints and conditions and give python3.11's transcript.
# contract: 5
import bdb
import io
import pdb
import re
import sys
import trace


def hot(n):
    total = 0
    for i in range(n):
        total += i
        if total > 50:
            total -= 1
    return total


hot(6000)
script = io.StringIO("\n".join(["b hot_bp, i == 7", "c", "p i, total", "n", "n", "p total", "w", "u", "p label", "cl 1", "r", "c", ""]) + "\n")


def hot_bp(n):
    total = 0
    for i in range(n):
        total += i
    return total


script = io.StringIO("\n".join(["s", "s", "n", "n", "n", "p i, total", "until", "until", "p total", "!total = 1000", "r", "p __return__", "c"]) + "\n")
out = io.StringIO()
p = pdb.Pdb(stdin=script, stdout=out, nosigint=True, readrc=False)
p.use_rawinput = False
p.prompt = ""
label = "module"
p.set_trace()
x = hot_bp(5)
y = x
print(x)
text = out.getvalue()
print(re.sub(r"> \S*/", "> ", text))


class B(bdb.Bdb):
    def user_line(self, frame):
        if frame.f_code.co_name == "hot":
            self.lines.append((frame.f_lineno - frame.f_code.co_firstlineno, frame.f_locals.get("i"), frame.f_locals.get("total")))
        if len(self.lines) > 12:
            self.set_quit()
        else:
            self.set_step()

    lines = []


b = B()
try:
    b.runcall(hot, 6000)
except bdb.BdbQuit:
    print("quit")
print(b.lines)
t = trace.Trace(count=1, trace=0)
t.runfunc(hot, 50)
base = hot.__code__.co_firstlineno
print(sorted((k[1] - base, v) for k, v in t.results().counts.items() if k[0] == __file__))
t = trace.Trace(countfuncs=1)
t.runfunc(lambda: [hot(3), hot_bp(2)])
print(sorted(k[2] for k in t.results().calledfuncs))
