"""`PYRT_LIVE` and `python -m pyrt top`."""
import os
import re
import subprocess
import sys
import time
import unittest

from support import PACKAGE, PYTHON, ToolTest

PROGRAM = """
    import os, sys

    def spin(n):
        s = 0
        for i in range(n):
            s += i & 3
        return s

    def again():
        print("ready", os.getpid(), flush=True)
        while True:
            spin(3_000_000)

    if "fork" in sys.argv:
        spin(100000)
        if os.fork() == 0:
            again()
    else:
        again()
    os.wait()
"""


class TopTest(ToolTest):
    def start(self, *arguments):
        """A program that runs; the process that says that it is ready."""
        script = self.write("program.py", PROGRAM)
        process = subprocess.Popen(
            [sys.executable, script, *arguments],
            env=os.environ | {"PYRT_LIVE": "1", "PYRT_JIT_BACKGROUND": "0"},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.stdout.close)
        self.addCleanup(os.killpg, process.pid, 9)
        pid = int(process.stdout.readline().split()[1])
        for path in {f"/tmp/pyrt-{pid}.live", f"/tmp/pyrt-{process.pid}.live"}:
            self.addCleanup(lambda path=path: os.path.exists(path) and os.unlink(path))
        return pid

    def top(self, pid, executable=PYTHON):
        time.sleep(0.5)
        return self.run_python(
            *f"-m pyrt top {pid} --count 1 --interval 0.6".split(), executable=executable, PYTHONPATH=PACKAGE
        )

    def check(self, pid):
        done = self.top(pid)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        head, _, first, *_ = done.stdout.splitlines()
        self.assertRegex(head, rf"^process {pid}: .* exits/s, [1-9]\d* KiB of code in [1-9]\d* trees")
        share, region = re.match(r" *([\d.]+)% .*  (py:.*)$", first).groups()
        self.assertGreater(float(share), 50, done.stdout)
        self.assertIn("py:spin (", region)

    def test_a_running_process_is_seen(self):
        pid = self.start()
        self.assertEqual(os.stat(f"/tmp/pyrt-{pid}.live").st_mode & 0o777, 0o600)
        self.check(pid)

    def test_the_child_of_a_fork_is_seen(self):
        self.check(self.start("fork"))

    def test_the_file_goes_with_the_process(self):
        text = self.output_of("-c", "import os; p = f'/tmp/pyrt-{os.getpid()}.live'; print(p, os.path.exists(p))", PYRT_LIVE=1)
        path, there = text.split()
        self.assertEqual((there, os.path.exists(path)), ("True", False))

    def test_a_planted_link_is_not_followed(self):
        victim = self.write("victim", "precious")
        command = f'echo $$; ln -s {victim} /tmp/pyrt-$$.live; exec "$0" -c "print(1)"'
        done = self.run_python("-c", command, sys.executable, executable="/bin/sh", PYRT_LIVE=1)
        pid, _, printed = done.stdout.partition("\n")
        self.addCleanup(os.unlink, f"/tmp/pyrt-{pid}.live")
        self.assertEqual((printed, victim.read_text()), ("1\n", "precious"))
        self.assertEqual(done.stderr.count("pyrt: warning: there is no live view"), 1)

    def test_a_process_that_does_not_share(self):
        done = self.top(os.getpid())
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("PYRT_LIVE=1", done.stderr)


if __name__ == "__main__":
    unittest.main()
