"""What is in the way of files that pyrt writes: nothing is followed, overwritten or waited for, and it is one warning."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from support import EAGER, ToolTest

PROGRAM = """
    def total(n):
        s = 0
        for i in range(n):
            s += i
        return s

    print(total(50000))
"""
OUTPUT = "1249975000\n"
# Each kind of file, by where it is: in a folder of the test's, or where others look for it.
FILES = {
    "statistics": ("out/file", {"PYRT_JIT_STATS": "json", "PYRT_JIT_STATS_FILE": "out/file"}),
    "dumps": ("out/file", {"PYRT_JIT_DUMP": "ir", "PYRT_JIT_DUMP_FILE": "out/file"}),
    "regions": ("out/file", {"PYRT_JIT_REGIONS_FILE": "out/file"}),
    "perf's dump": ("out/jit-$$.dump", {"PYRT_PERF": "dump", "PYRT_PERF_FOLDER": "out"}),
    "perf's map": ("/tmp/perf-$$.map", {"PYRT_PERF": "map"}),
    "live view": ("/tmp/pyrt-$$.live", {"PYRT_LIVE": 1}),
    "explain's page": ("out/file", ["-m", "pyrt", "explain", "--html", "out/file"]),
    "explain's data": ("out/file", ["-m", "pyrt", "explain", "--json", "out/file"]),
}
ROOT = os.geteuid() == 0


def can_mount():
    return ROOT and shutil.which("unshare") and subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode == 0


class FilesTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.script = self.write("program.py", PROGRAM)
        self.victim = self.write("victim", "precious")
        (self.folder / "out").mkdir()

    def check(self, kind, before, warnings=1):
        """Runs the program as the file's kind has it made, after the shell's commands `before`."""
        file, how = FILES[kind]
        arguments, variables = (how, {}) if isinstance(how, list) else ([], how)
        # Another process of that number may have left its own in /tmp.
        before = f"rm -rf FILE; {before}".replace("FILE", file).replace("FOLDER", os.path.dirname(file))
        _, done = self.in_shell(before, *arguments, self.script, **variables, **EAGER)
        told = (kind, before, done.stderr)
        self.assertEqual((done.returncode, done.stdout), (0, OUTPUT), told)
        self.assertEqual(done.stderr.count("pyrt: warning: "), warnings, told)
        self.assertNotIn("Traceback", done.stderr, told)
        self.assertEqual(self.victim.read_text(), "precious", told)

    def check_all(self, before, kinds=FILES):
        for kind in kinds:
            with self.subTest(kind, before=before):
                self.check(kind, before)
                subprocess.run("rm -rf out; mkdir out", shell=True, cwd=self.folder)

    def test_nothing_in_the_way(self):
        for kind in FILES:
            self.check(kind, "", warnings=0)

    def test_links(self):
        self.check_all(f"ln -s {self.victim} FILE")
        self.check_all("ln -s /nonexistent/file FILE")
        # Of files in the same file system.
        self.check_all(f"ln {self.victim} FILE", [kind for kind in FILES if FILES[kind][0].startswith("out/")])

    def test_what_is_no_file(self):
        self.check_all("mkfifo FILE")
        self.check_all("mkdir FILE")
        if ROOT:
            self.check_all("mknod FILE c 1 3")

    @unittest.skipUnless(ROOT, "only root gives files away")
    def test_files_of_others(self):
        self.check_all("echo precious > FILE; chown 65534 FILE")

    def test_files_that_cannot_grow(self):
        self.check_all("ulimit -f 0")

    def test_folders_that_are_not_there(self):
        self.check_all("rmdir out; touch out", [kind for kind in FILES if FILES[kind][0].startswith("out/")])

    @unittest.skipUnless(can_mount(), "only root mounts")
    def test_full_disks_and_folders_that_cannot_be_written(self):
        # The folders that are mounted over may have the executable in them, and the program.
        with tempfile.TemporaryDirectory(dir="/var/tmp") as elsewhere:
            for name in ("python", "program.py"):
                (pathlib.Path(elsewhere) / name).touch()
            for options, then in (("size=4k", "head -c 8192 /dev/zero > FOLDER/fill 2> /dev/null"), ("ro", "")):
                for kind in FILES:
                    if not isinstance(FILES[kind][1], list):
                        with self.subTest(kind, options=options):
                            self.check_mounted(kind, options, then, elsewhere)

    def check_mounted(self, kind, options, then, elsewhere):
        file, variables = FILES[kind]
        folder = os.path.dirname(file)
        script = f"""
            mount --bind {sys.executable} {elsewhere}/python
            mount --bind {self.script} {elsewhere}/program.py
            mount -t tmpfs -o {options} tmpfs {folder}
            {then.replace("FOLDER", folder)}
            exec {elsewhere}/python {elsewhere}/program.py
        """
        done = self.run_python("-m", "sh", "-c", script, executable="unshare", **variables, **EAGER)
        self.assertEqual((done.returncode, done.stdout), (0, OUTPUT), done.stderr)
        self.assertEqual(done.stderr.count("pyrt: warning: "), 1, done.stderr)


if __name__ == "__main__":
    unittest.main()
