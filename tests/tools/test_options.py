"""Options by command line, environment and pyproject.toml, and `python -m pyrt config`."""
import json
import os
import random
import unittest

from support import ToolTest


class OptionsTest(ToolTest):
    def config(self, *arguments, **variables):
        """Name to value and source, of options that are not at their defaults."""
        text = self.output_of(*arguments, "-m", "pyrt", "config", "--set", "--json", **variables)
        return {option["name"]: (option["value"], option["source"]) for option in json.loads(text)["options"]}

    def test_each_source_and_which_one_wins(self):
        self.write(
            "pyproject.toml",
            """
            [tool.pyrt]
            jit-memory = 100
            jit-opt = "none"
            jit-deny = ["a", "b.c"]
            jit-loop-threshold = 7
            """,
        )
        found = self.config("-X", "pyrt-jit-loop-threshold=9", PYRT_JIT_LOOP_THRESHOLD=8, PYRT_JIT_OPT="speed")
        self.assertEqual(
            found,
            {
                "jit_memory": ("100", "project"),
                "jit_opt": ("speed", "environment"),
                "jit_deny": ("a,b.c", "project"),
                "jit_loop_threshold": ("9", "command line"),
            },
        )

    def test_help_names_every_option(self):
        text = self.output_of("-X", "pyrt-help")
        for option in json.loads(self.output_of("-m", "pyrt", "config", "--json"))["options"]:
            self.assertIn(option["variable"], text)
            self.assertIn("-X " + option["x"], text)

    def test_environment_is_ignored_where_python_ignores_its_own(self):
        for flag in ("-E", "-I"):
            self.assertEqual(self.config(flag, PYRT_JIT_OPT="none"), {})
        self.assertEqual(self.run_python("-E", "-c", "", PYRT_JIT_OPT="bad").returncode, 0)

    def test_project_is_searched_upwards_from_the_script(self):
        self.write("pyproject.toml", "[tool.pyrt]\njit-opt = 'none'\n")
        self.write("a/pyproject.toml", "[tool.other]\n")
        (self.folder / "elsewhere").mkdir()
        script = self.write("a/b/script.py", "import pyrt; print(pyrt.jit.options()['jit_opt'])")
        (self.folder / "elsewhere/link.py").symlink_to(script)
        self.assertEqual(self.output_of("a/b/script.py"), "none\n")
        self.assertEqual(self.output_of("elsewhere/link.py"), "none\n")
        self.assertEqual(self.output_of("-X", "pyrt-project=0", "a/b/script.py"), "speed\n")
        code = script.read_text()
        self.assertEqual(self.output_of("-c", code), "none\n")
        # Where the folder is not on `sys.path`, nothing is read from it.
        for flag in ("-I", "-P"):
            self.assertEqual(self.output_of(flag, "-c", code), "speed\n")
        self.assertEqual(self.output_of("-c", code, PYTHONSAFEPATH=1), "speed\n")

    def test_project_errors_name_the_line(self):
        self.write("pyproject.toml", "[tool.pyrt]\njit = true\njit-memory = 1\n")
        done = self.run_python("-c", "print(1)")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("jit-memory", done.stderr)
        self.assertIn("pyproject.toml:3", done.stderr)
        self.assertIn("from 64 to 4194304", done.stderr)
        self.write("pyproject.toml", "[tool.pyrt]\njit-stats-file = '/x'\n")
        self.assertEqual(self.run_python("-c", "").returncode, 2)
        self.write("pyproject.toml", "[tool.pyrt]\njit-memroy = 64\n")
        done = self.run_python("-c", "print(1)")
        self.assertEqual((done.returncode, done.stdout), (0, "1\n"))
        self.assertIn("did you mean jit-memory?", done.stderr)

    def test_a_fifo_or_broken_file_is_passed_over(self):
        os.mkfifo(self.folder / "pyproject.toml")
        self.assertEqual(self.config(), {})
        os.unlink(self.folder / "pyproject.toml")
        self.write("pyproject.toml", "[tool.other\nname = 'pyrt'\n")
        self.assertEqual(self.config(), {})
        self.write("pyproject.toml", "[tool.pyrt]\njit-memory = 100\njit-memory = 200\n")
        done = self.run_python("-c", "print(1)")
        self.assertEqual((done.returncode, done.stdout), (0, "1\n"))
        self.assertRegex(done.stderr, "^pyrt: warning: .*pyproject.toml is not read: it is no TOML, line 3: ")

    def test_unknown_variable_warns(self):
        done = self.run_python("-c", "print(1)", PYRT_JIT_MEMROY="64")
        self.assertEqual((done.returncode, done.stdout), (0, "1\n"))
        self.assertIn("did you mean PYRT_JIT_MEMORY?", done.stderr)

    def test_denied_functions_are_not_compiled(self):
        script = self.write(
            "loops.py",
            """
            import pyrt

            class C:
                def f(self):
                    s = 0
                    for i in range(20000):
                        s += i
                    return s

            C().f()
            print(pyrt.jit.stats()["recordings_started"], pyrt.jit.stats()["aborts"].get("denied", 0))
            """,
        )
        for pattern in ("C.f", "__main__", "__main__.C.f", "*.f", "C.f:7"):
            self.assertEqual(self.output_of(script, PYRT_JIT_DENY=pattern), "0 1\n", pattern)
        for pattern in ("C.g", "main", "C.f:8"):
            self.assertEqual(self.output_of(script, PYRT_JIT_DENY=pattern), "1 0\n", pattern)
        self.assertEqual(self.output_of(script, PYRT_JIT_ALLOW="other"), "0 1\n")

    def test_random_values_are_errors_or_run(self):
        """As many values as TEST_VALUES says, for every option, by each way."""
        seeded = random.Random(5)
        options = json.loads(self.output_of("-m", "pyrt", "config", "--json"))["options"]
        for _ in range(int(os.environ.get("TEST_VALUES", "1"))):
            for option in options:
                value = random_value(seeded, option)
                self.check_value(option, value, "-c", "print(1)", **{option["variable"]: value})
                self.check_value(option, value, "-X", f"{option['x']}={value}", "-c", "print(1)")
                key = option["x"].removeprefix("pyrt-")
                self.write("pyproject.toml", f"[tool.pyrt]\n{key} = {json.dumps(value)}\n")
                self.check_value(option, value, "-c", "print(1)")
                (self.folder / "pyproject.toml").unlink()

    def check_value(self, option, value, *arguments, **variables):
        done = self.run_python(*arguments, **variables)
        told = (option["variable"], value, arguments, done)
        if done.returncode == 2:
            self.assertEqual(done.stdout, "", told)
            self.assertIn(option["x"].removeprefix("pyrt-").replace("-", "_").upper(), done.stderr.upper().replace("-", "_"), told)
            self.assertTrue("expected" in done.stderr or "cannot be set there" in done.stderr, told)
        else:
            self.assertEqual((done.returncode, done.stdout), (0, "1\n"), told)


def random_value(seeded, option):
    """A value that is good, nearly good, or anything."""
    number = str(seeded.choice([0, 1, 2, -1, 64, 100, 1000, 10**6, 10**7, 2**31, 2**32, 2**64, 1.5]))
    words = option["expected"].replace(",", "").split()
    noise = "".join(chr(seeded.choice([seeded.randrange(1, 127), seeded.randrange(160, 0xD800)])) for _ in range(8))
    return seeded.choice([number, seeded.choice(words), seeded.choice(words) + "," + seeded.choice(words), noise])


if __name__ == "__main__":
    unittest.main()
