"""What perf and gdb make of compiled code: functions, files, lines and frames, by running them."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

from support import ToolTest

PROGRAMS = pathlib.Path(__file__).parents[2] / "bench/programs"
VECTORS = """
    class Vector:
        def __init__(self, x, y):
            self.x = x
            self.y = y

        def dot(self, other):
            return self.x * other.x + self.y * other.y

    def total(n):
        a = Vector(1.5, 2.5)
        s = 0.0
        for i in range(n):
            b = Vector(i & 7, s)
            s = a.dot(b) * 0.25
        return s

    total(8_000_000)
"""
# Calls the `run` of one of the programs in bench/programs/micro.
CALLS = """
    import importlib.util

    spec = importlib.util.spec_from_file_location("program", {path!r})
    program = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(program)
    for _ in range({calls}):
        program.run()
"""


@unittest.skipUnless(shutil.which("perf"), "needs perf")
class PerfTest(ToolTest):
    def perf(self, *arguments, **variables):
        return subprocess.run(
            ["perf", *map(str, arguments)],
            cwd=self.folder,
            env=os.environ | variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
        )

    def record(self, script, *arguments, options=()):
        """Leaves a recording of the script with what `perf inject` adds, under the name that perf looks for."""
        # Not by `env`: perf 6.1 does not walk through libraries that a process had before an `exec`, too.
        variables = {"PYRT_PERF": "dump", "PYRT_PERF_FOLDER": str(self.folder)}
        program = [sys.executable, script, *arguments]
        recorded = self.perf("record", "-k", "1", "-e", "cpu-clock", "-o", "plain", *options, *program, **variables)
        if recorded.returncode != 0:
            self.skipTest("perf may not record here")
        self.assertEqual(self.perf("inject", "--jit", "-i", "plain", "-o", "perf.data").returncode, 0)

    def test_samples_have_function_file_and_line(self):
        """At least 95 % of those in compiled code."""
        micro = PROGRAMS / "micro/polymorphic_slots.py"
        for script, arguments in [
            (PROGRAMS / "nbody.py", [2_000_000]),
            (self.write("calls.py", CALLS.format(path=str(micro), calls=150)), []),
        ]:
            self.record(script, *arguments)
            report = self.perf("report", "--stdio", "--sort", "dso,sym,srcline").stdout
            rows = re.findall(r"(?m)^ +([\d.]+)%  (\S+) +\[\.\] (.*?)  +(\S+)\s*$", report)
            compiled = [row for row in rows if row[1].startswith(("jitted-", "[JIT]", "//anon", "[unknown]"))]
            share = lambda rows: sum(float(row[0]) for row in rows)
            named = [
                row for row in compiled if re.match(r"py:\S+ \(.*\.py:\d+\)", row[2]) and re.search(r"\.py:\d+$", row[3])
            ]
            self.assertGreater(share(compiled), 4, report)
            self.assertGreaterEqual(share(named), 0.95 * share(compiled), report)

    def test_source_is_beside_machine_code(self):
        script = self.write("vectors.py", VECTORS)
        self.record(script)
        report = self.perf("report", "--stdio", "--sort", "sym").stdout
        symbol = re.search(r"py:total \(.*?\)", report).group()
        text = self.perf("annotate", "--stdio", "-l", symbol).stdout
        summary = set(re.findall(r"(?m)^ +[\d.]+ vectors\.py:(\d+)$", text))
        # Of the loop, and of a function that was inlined. Vectors are not made, so `__init__` leaves no code.
        source = script.read_text().splitlines()
        for line in ("s = a.dot(b) * 0.25", "return self.x * other.x + self.y * other.y"):
            number = [text.strip() for text in source].index(line) + 1
            self.assertIn(str(number), summary)
            self.assertIn(line, text)

    def test_stacks_reach_main(self):
        """All of them, also of what compiled code calls, at whatever instruction."""
        self.check_stacks(self.write("vectors.py", VECTORS), "py:total (")
        for name, function in [("exceptions", "run"), ("stack_vm", "execute"), ("word_count", "run")]:
            path = str(PROGRAMS / f"micro/{name}.py")
            self.check_stacks(self.write("calls.py", CALLS.format(path=path, calls=40)), f"py:{function} (")

    def test_stacks_by_frame_pointer_reach_main(self):
        """Those of compiled code itself: what it calls is C code, without frame pointers."""
        self.record(self.write("vectors.py", VECTORS), options=["-F", "1000", "-g"])
        text = self.perf("script", "-F", "comm,ip,sym").stdout
        stacks = [re.findall(r"(?m)^\s+[0-9a-f]+ (.*)$", stack) for stack in text.split("\n\n")]
        compiled = [stack for stack in stacks if stack and stack[0].startswith("py:total (")]
        self.assertGreater(len(compiled), 10, text)
        whole = [stack for stack in compiled if stack[-1] == "main" and "[unknown]" not in stack]
        # A prologue is not whole.
        self.assertGreaterEqual(len(whole), 0.99 * len(compiled), text)

    def check_stacks(self, script, name):
        self.record(script, options=["-F", "1000", "--call-graph", "dwarf"])
        text = self.perf("script", "-F", "comm,ip,sym").stdout
        stacks = [re.findall(r"(?m)^\s+[0-9a-f]+ (.*)$", stack) for stack in text.split("\n\n")]
        compiled = [stack for stack in stacks if any(frame.startswith(name) for frame in stack)]
        self.assertGreater(len(compiled), 50, text)
        # The innermost one may be a stub of the linker's, which has no name.
        broken = [stack for stack in compiled if "main" not in stack or "[unknown]" in stack[1:]]
        self.assertEqual(broken, [])


@unittest.skipUnless(shutil.which("gdb"), "needs gdb")
class GdbTest(ToolTest):
    def test_stacks_reach_main(self):
        script = self.write(
            "alarm.py",
            """
            import os, signal

            def inner(n):
                s = 0
                for i in range(n):
                    s += i ^ 3
                return s

            signal.signal(signal.SIGALRM, lambda *a: os._exit(0))
            signal.setitimer(signal.ITIMER_REAL, 1)
            inner(10**12)
            """,
        )
        commands = ["set pagination off", "handle SIGALRM stop print nopass", "run", "bt"]
        arguments = [part for command in commands for part in ("-ex", command)]
        text = self.run_python(
            "-q", "-batch", *arguments, "--args", sys.executable, script, executable="gdb", PYRT_GDB=1
        ).stdout
        frames = re.findall(r"(?m)^#\d+ .*$", text)
        self.assertIn("py:inner (", frames[0], text)
        self.assertIn(" main ", frames[-1], text)
        self.assertFalse([frame for frame in frames if "??" in frame], text)


if __name__ == "__main__":
    unittest.main()
