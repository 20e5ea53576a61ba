"""What the tests of the tools share: programs in processes of their own."""
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

PYTHON = os.environ.get("PYRT_PYTHON", "/usr/bin/python3.11")
PACKAGE = pathlib.Path(__file__).parents[2] / "runtime/python"

# Has compiled what a short program needs before it ends.
EAGER = {"PYRT_JIT_BACKGROUND": 0, "PYRT_JIT_EXIT_COST": 0}


class ToolTest(unittest.TestCase):
    """A test with a folder of its own, which is the current one of what it runs."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        """Writes a file, and says where."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def run_python(self, *arguments, executable=sys.executable, **variables):
        """Runs pyrt in the folder, with PYRT_* variables from the keywords."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYRT_")}
        return subprocess.run(
            [executable, *map(str, arguments)],
            cwd=self.folder,
            env=environment | {name: str(value) for name, value in variables.items()},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=120,
        )

    def output_of(self, *arguments, **options):
        """What it prints; it must succeed and complain of nothing."""
        done = self.run_python(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return done.stdout

    def in_shell(self, before, *arguments, **variables):
        """Runs pyrt in place of a shell, so that `before` knows its process id: `$$`."""
        command = f'echo $$; {before}\nexec "$0" "$@"'
        done = self.run_python("-c", command, sys.executable, *arguments, executable="/bin/sh", **variables)
        pid, _, done.stdout = done.stdout.partition("\n")
        left = [f"/tmp/perf-{pid}.map", f"/tmp/pyrt-{pid}.live"]
        self.addCleanup(subprocess.run, ["rm", "-rf", *left])
        return pid, done
