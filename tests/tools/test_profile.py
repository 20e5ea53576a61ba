"""What perf and gdb are told: `PYRT_PERF` and `PYRT_GDB`, and how the files are made."""
import glob
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest

from support import ToolTest

PROGRAM = """
    class Vector:
        def __init__(self, x):
            self.x = x

        def scaled(self, i):
            return self.x * i

    def total(n):
        v = Vector(1.5)
        s = 0.0
        for i in range(n):
            s += v.scaled(i)
        return s

    total(50000)
"""
CALL = 13
CALLEE = 7
EAGER = {"PYRT_JIT_BACKGROUND": 0, "PYRT_JIT_EXIT_COST": 0}


def records(dump):
    """The kinds and bodies of the records of a jitdump file."""
    magic, version, size, machine, _, pid = struct.unpack_from("<6I", dump)
    assert (magic, version, size, machine) == (0x4A695444, 1, 40, 62)
    while size < len(dump):
        kind, length, _ = struct.unpack_from("<IIQ", dump, size)
        yield kind, dump[size + 16 : size + length]
        size += length
    assert size == len(dump)


def lines_of(body):
    """The address, line and file of each row of a record of lines."""
    _, count = struct.unpack_from("<QQ", body)
    at = 16
    for _ in range(count):
        address, line, _ = struct.unpack_from("<QII", body, at)
        end = body.index(b"\0", at + 16)
        yield address, line, body[at + 16 : end].decode()
        at = end + 1
    assert at == len(body)


class ProfileTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.script = self.write("program.py", PROGRAM)

    def in_shell(self, before, *arguments, **variables):
        """Runs pyrt in place of a shell, so that `before` knows its process id: `$$`."""
        command = f'echo $$; {before}\nexec "$0" "$@"'
        done = self.run_python("-c", command, sys.executable, *arguments, executable="/bin/sh", **variables)
        pid, _, done.stdout = done.stdout.partition("\n")
        self.addCleanup(lambda: [os.unlink(path) for path in glob.glob(f"/tmp/perf-{pid}.map")])
        return pid, done

    def test_map_names_functions(self):
        pid, done = self.in_shell("", self.script, PYRT_PERF="map", **EAGER)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        path = f"/tmp/perf-{pid}.map"
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        with open(path) as file:
            text = file.read()
        self.assertRegex(text, rf"(?m)^[0-9a-f]+ [0-9a-f]+ py:total \({re.escape(str(self.script))}:12\)$")

    def test_dump_has_the_lines_of_inlined_functions(self):
        pid, done = self.in_shell("", self.script, PYRT_PERF="dump", PYRT_PERF_FOLDER=self.folder, **EAGER)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = list(records((self.folder / f"jit-{pid}.dump").read_bytes()))
        at = next(at for at, (kind, body) in enumerate(found) if kind == 0 and b"py:total (" in body)
        self.assertEqual([kind for kind, _ in found[at - 2 : at]], [2, 4])
        _, _, address, _, size, _ = struct.unpack_from("<IIQQQQ", found[at][1])
        lines = list(lines_of(found[at - 2][1]))
        self.assertTrue(all(address <= place < address + size for place, _, _ in lines))
        self.assertEqual({file for _, _, file in lines}, {str(self.script)})
        self.assertTrue({CALL, CALLEE} <= {line for _, line, _ in lines}, lines)

    def test_the_program_can_switch_it(self):
        script = self.write(
            "switch.py",
            """
            import pyrt
            from program import total

            pyrt.jit.set(perf="map")
            total(50000)
            pyrt.jit.set(perf="off")
            """,
        )
        pid, done = self.in_shell("", script, **EAGER)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        with open(f"/tmp/perf-{pid}.map") as file:
            self.assertIn("py:total (", file.read())

    def test_a_child_has_its_own(self):
        script = self.write(
            "forks.py",
            """
            import os
            from program import total

            child = os.fork()
            if child == 0:
                total(50000)
                os._exit(0)
            os.waitpid(child, 0)
            total(50000)
            print(child)
            """,
        )
        pid, done = self.in_shell("", script, PYRT_PERF="map", **EAGER)
        child = f"/tmp/perf-{done.stdout.strip()}.map"
        self.addCleanup(os.unlink, child)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for path in (child, f"/tmp/perf-{pid}.map"):
            with open(path) as file:
                self.assertEqual(file.read().count("py:total ("), 1, path)

    def test_nothing_planted_is_followed_or_overwritten(self):
        victim = self.write("victim", "precious")
        (self.folder / "out").mkdir()
        dump = "out/jit-$$.dump"
        for plant in (f"ln -s ../victim {dump}", f"ln victim {dump}", f"mkfifo {dump}", f"mkdir {dump}"):
            _, done = self.in_shell(plant, self.script, PYRT_PERF="dump", PYRT_PERF_FOLDER="out", **EAGER)
            self.assertEqual((done.returncode, done.stdout), (0, ""), plant)
            self.assertEqual(done.stderr.count("pyrt: warning: no profile is written"), 1, plant)
            self.assertEqual(victim.read_text(), "precious", plant)
        for plant in ("ln -s victim out/f", "ln -f victim out/f", "rm -f out/f; mkfifo out/f"):
            files = {"PYRT_JIT_STATS": "json", "PYRT_JIT_STATS_FILE": "out/f"}
            dumps = {"PYRT_JIT_DUMP": "ir", "PYRT_JIT_DUMP_FILE": "out/f"}
            _, done = self.in_shell(plant, self.script, **files, **dumps, **EAGER)
            self.assertEqual((done.returncode, done.stdout), (0, ""), plant)
            self.assertEqual(done.stderr.count("pyrt: warning"), 2, done.stderr)
            self.assertEqual(victim.read_text(), "precious", plant)

    def test_a_full_disk_or_missing_folder_is_one_warning(self):
        for before, folder in (("ulimit -f 0", "."), ("", "missing"), ("", "/proc")):
            for mode in ("dump",):
                _, done = self.in_shell(before, self.script, PYRT_PERF=mode, PYRT_PERF_FOLDER=folder, **EAGER)
                self.assertEqual((done.returncode, done.stdout), (0, ""), (before, folder))
                self.assertEqual(len(done.stderr.splitlines()), 1, done.stderr)
                self.assertIn("pyrt: warning: no profile is written", done.stderr)

    @unittest.skipUnless(shutil.which("gdb"), "needs gdb")
    def test_gdb_goes_through_compiled_code(self):
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

    @unittest.skipUnless(shutil.which("perf"), "needs perf")
    def test_perf_shows_lines(self):
        perf = lambda *arguments: subprocess.run(
            ["perf", *arguments], cwd=self.folder, stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        script = self.write("long.py", PROGRAM.replace("total(50000)", "total(30000000)"))
        environment = ["env", "PYRT_PERF=dump", f"PYRT_PERF_FOLDER={self.folder}"]
        recorded = perf("record", "-k", "1", "-e", "cpu-clock", "-o", "a", *environment, sys.executable, str(script))
        if recorded.returncode != 0:
            self.skipTest("perf may not record here")
        self.assertEqual(perf("inject", "--jit", "-i", "a", "-o", "b").returncode, 0)
        report = perf("report", "-i", "b", "--stdio", "--sort", "sym,srcline").stdout
        named = 0
        total = 0
        for share, symbol, line in re.findall(r"(?m)^ +([\d.]+)%  \[\.\] (.*?)  +(\S+)", report):
            if symbol.startswith(("py:", "0x")):
                total += float(share)
                named += float(share) if "long.py" in symbol and re.search(r"long\.py:\d+", line) else 0
        self.assertGreater(named, 0.95 * total, report)
        self.assertGreater(total, 20, report)


if __name__ == "__main__":
    unittest.main()
