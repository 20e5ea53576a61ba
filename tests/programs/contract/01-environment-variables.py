# PYTHON* environment variables, right and wrong, act as they do in python3.11.
# contract: 1
# timeout: 60
import subprocess
import sys

for env in ({"PYTHONHASHSEED": "bad"}, {"PYTHONHASHSEED": "3"}, {"PYTHONOPTIMIZE": "2"}, {"PYTHONUNBUFFERED": "1"}, {"PYTHONDONTWRITEBYTECODE": "1"}, {"PYTHONWARNINGS": "error"}, {"PYTHONINSPECT": "1"},
            {"PYTHONIOENCODING": "ascii:replace"}, {"PYTHONUTF8": "0"}, {"PYTHONUTF8": "x"}, {"PYTHONFAULTHANDLER": "1"}, {"PYTHONTRACEMALLOC": "1"}, {"PYTHONMALLOC": "debug"}, {"PYTHONMALLOC": "nope"}, {"PYTHONSTARTUP": "absent"}):
    r = subprocess.run([sys.executable, "-c", "import sys; print(sys.flags.optimize, sys.flags.dont_write_bytecode, hash('a') if sys.flags.hash_randomization == 0 else '', '\\u00e9')"],
                       env={"PATH": "/usr/bin:/bin", **env}, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    print(env, r.returncode, repr(r.stdout), r.stderr)
