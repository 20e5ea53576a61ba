# Exit status and stderr of SystemExit with every kind of value, errors and signals, through -c.
# contract: 1
# timeout: 60
import subprocess
import sys

progs = [
    "raise SystemExit",
    "raise SystemExit(3)",
    "raise SystemExit('message')",
    "raise SystemExit(None)",
    "raise SystemExit([1, 2])",
    "raise SystemExit(256)",
    "raise SystemExit(-1)",
    "raise SystemExit(2**40)",
    "raise SystemExit(True)",
    "raise SystemExit(1.5)",
    "import sys; sys.exit()",
    "import sys; sys.exit((1, 2))",
    "import sys\nclass E(SystemExit):\n    code = 9\nraise E(5)",
    "raise SystemExit(1, 2)",
    "import os; os._exit(12)",
    "1/0",
    "x =",
    "raise KeyboardInterrupt",
    "raise GeneratorExit",
    "raise BaseException('b')",
]
for p in progs:
    r = subprocess.run([sys.executable, "-c", p], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    print(r.returncode, repr(p[-60:]), repr(r.stdout))
    print(r.stderr)
