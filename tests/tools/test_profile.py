"""The files that perf reads. What it makes of them is in test_perf.py, and what is in their way in
test_files.py."""
import os
import re
import struct
import subprocess
import sys
import unittest

from support import EAGER, ToolTest

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
        self.assertEqual(lines[0][0], address)

    def test_instructions_without_a_line_have_that_of_the_one_before(self):
        """Such are jumps back that the bytecode compiler adds after an `if`."""
        script = self.write(
            "jumps.py",
            """
            def count(n):
                s = 0
                for i in range(n):
                    if i & 1:
                        s += 1
                return s

            count(50000)
            """,
        )
        pid, done = self.in_shell("", script, PYRT_PERF="dump", PYRT_PERF_FOLDER=self.folder, **EAGER)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        found = [body for kind, body in records((self.folder / f"jit-{pid}.dump").read_bytes()) if kind == 2]
        lines = {line for body in found for _, line, _ in lines_of(body)}
        self.assertTrue({4, 5, 6} <= lines, lines)
        self.assertNotIn(0, lines)

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


if __name__ == "__main__":
    unittest.main()
