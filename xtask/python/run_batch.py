"""Run many small programs in one process, each in a namespace of its own.

    python3.11 run_batch.py FIRST END [SECONDS]

runs `FIRST.py` to `END - 1.py` of the current folder. For each, a line `number length counters` goes to
stdout, followed by what the program wrote to stdout and stderr, `length` bytes. The counters are those
that pyrt changed meanwhile, as JSON. The first interpreter that runs a program compiles it, and leaves the code for the
others beside it. A program that uses SECONDS of processor time ends the process, by SIGPROF, so
the first number that is missing names the program that crashed or hung.
"""
import gc
import io
import json
import marshal
import os
import resource
import signal
import sys
import traceback
import warnings

SECONDS = int(sys.argv[3]) if len(sys.argv) > 3 else 5
MEMORY = 1 << 30

try:
    from _pyrt import stats
except ImportError:

    def counters():
        return {}

else:

    def counters():
        return {name: n for name, n in json.loads(stats()).items() if isinstance(n, int)}


def run(name):
    """Runs the program as a script would be, but in this process."""
    namespace = {"__name__": "__main__", "__builtins__": __builtins__}
    try:
        exec(code_of(name), namespace)
    except BaseException as error:
        # Without this function's own frame.
        if fused(error):
            print(type(error).__name__, error)
        else:
            traceback.print_exception(type(error), error, error.__traceback__.tb_next)


def code_of(name):
    """The program's code, as it is read from a file in any case: then constants have the same references."""
    kept = name + "c"
    if not os.path.exists(kept):
        with open(name, encoding="utf-8") as file:
            code = compile(file.read(), name, "exec")
        with open(kept, "wb") as file:
            marshal.dump(code, file)
    with open(kept, "rb") as file:
        return marshal.load(file)


def fused(error):
    """Whether the traceback depends on how warm the code is: once two instructions are fused, CPython
    blames the first for an unbound second. Thresholds of 1 or 2 make pyrt take cold code for warm."""
    while error is not None:
        if isinstance(error, UnboundLocalError):
            return True
        error = error.__cause__ or error.__context__
    return False


def record(number):
    before = counters()
    output = sys.stdout = sys.stderr = io.StringIO()
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        run(f"{number}.py")
        # What the program left in cycles dies now, and may print.
        gc.collect()
        signal.setitimer(signal.ITIMER_PROF, 0)
    finally:
        # A generator that was left suspended may have kept them on.
        sys.settrace(None)
        sys.setprofile(None)
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    written = output.getvalue().encode("utf-8", "backslashreplace")
    stdout = sys.stdout.buffer
    grown = {name: n - before[name] for name, n in counters().items() if n > before[name]}
    stdout.write(f"{number} {len(written)} {json.dumps(grown)}\n".encode())
    stdout.write(written)
    stdout.flush()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    # The compiler's are seen where a program is compiled, and only there.
    warnings.simplefilter("ignore", SyntaxWarning)
    # When cycles die must not depend on what earlier programs left.
    gc.disable()
    for number in range(int(sys.argv[1]), int(sys.argv[2])):
        record(number)
