"""`python -m pyrt explain`, `stats` and `bisect`."""
import html.parser
import json
import os
import shutil
import unittest

from support import PYTHON, ToolTest

PROGRAM = """
    import sys

    class Point:
        def __init__(self, x):
            self.x = x

        def get(self):
            return self.x

    def hot(n):
        point = Point(1)
        s = 0
        for i in range(n):
            s += point.get() * i
        return s

    def bump(value):
        return value + 1

    def mixed(values):
        for value in values:
            bump(value)

    print(hot(200_000_000), sys.argv[1:], __name__, sys.path[0])
    mixed([1, 1, 2.5] * 100_000)
    sys.exit(3)
"""
FOR, BUMP = 14, 19


class Checker(html.parser.HTMLParser):
    """Checks that elements are closed in order, and that nothing comes from elsewhere."""

    VOID = {"meta", "link"}

    def __init__(self):
        super().__init__()
        self.open = []
        self.texts = []

    def handle_starttag(self, tag, attributes):
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert name not in ("src", "href") or value.startswith(("#", "data:")), (tag, value)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, (tag, self.getpos())

    def handle_data(self, data):
        self.texts.append(data)


class ExplainTest(ToolTest):
    def explain(self, text, *options):
        self.write("program.py", text)
        done = self.run_python("-m", "pyrt", "explain", *options, "program.py", "a", "-b", PYRT_JIT_BACKGROUND=0)
        self.assertNotIn("Traceback", done.stderr)
        return done

    def test_the_program_runs_as_it_would(self):
        done = self.explain(PROGRAM)
        folder = os.path.realpath(self.folder)
        self.assertEqual(done.stdout, f"19999999900000000 ['a', '-b'] __main__ {folder}\n")
        self.assertEqual(done.returncode, 3)

    def test_the_lines_that_matter_are_named(self):
        done = self.explain(PROGRAM, "--json", "out.json")
        data = json.loads((self.folder / "out.json").read_text())
        places = data["samples"]["places"]
        count = lambda test: sum(place["count"] for place in places if test(place))
        in_loop = count(lambda place: place["compiled"] and place["line"] in (FOR, FOR + 1, 8, 9))
        self.assertGreater(in_loop, 0.5 * data["samples"]["samples"], done.stderr)
        self.assertRegex(done.stderr, rf"(?m)^ *[\d.]+ % C +{FOR + 1}  .*point.get\(\)")
        self.assertRegex(done.stderr, r"\^ left \d+ times: type, of \(float, int\)")
        mixed, = [trace for trace in data["traces"] if trace["function"] == "mixed" and trace["kind"] == "loop"]
        exits = [exit for exit in mixed["tree"]["exits"] if exit["types"].get("float, int")]
        self.assertEqual({exit["line"] for exit in exits}, {BUMP})

    def test_what_stays_boxed_and_which_variable_it_is(self):
        done = self.explain(
            """
            def f(values, found):
                for value in values:
                    if value is not None:
                        found[1] = value * 2.5

            def g(values):
                count = 0
                for value in values:
                    count += value.imag if value else 1

            f([1.5] * 1_000_000, {})
            g([1] * 1_000_000)
            g([1, None] * 300_000)
            """,
            "--json",
            "out.json",
            "--html",
            "out.html",
        )
        traces = json.loads((self.folder / "out.json").read_text())["traces"]
        tree, = [trace["tree"] for trace in traces if trace["function"] == "f" and trace["tree"]]
        self.assertIn((5, "float", ["dict_set"]), [(box["line"], box["what"], box["takers"]) for box in tree["boxed"]])
        self.assertIn("float for a dict", (self.folder / "out.html").read_text())
        tree, = [trace["tree"] for trace in traces if trace["function"] == "g" and trace["tree"]]
        self.assertIn("value", {exit["variable"] for exit in tree["exits"]}, tree["exits"])
        self.assertIn("`value` is sometimes None", done.stderr)

    def test_native_code_that_compiled_code_calls_counts_to_its_line(self):
        done = self.explain(
            """
            def f(n):
                for i in range(n):
                    x = pow(i, 1000, 997)
                    y = i + 1
            f(60000)
            """,
            "--json",
            "out.json",
        )
        places = json.loads((self.folder / "out.json").read_text())["samples"]["places"]
        shares = {}
        for place in places:
            shares[place["line"]] = shares.get(place["line"], 0) + place["count"]
        self.assertEqual(max(shares, key=shares.get), 4, (shares, done.stderr))

    def test_the_page_stands_alone(self):
        self.explain(PROGRAM, "--html", "out.html")
        text = (self.folder / "out.html").read_text()
        checker = Checker()
        checker.feed(text)
        self.assertEqual(checker.open, [])
        shown = "".join(checker.texts)
        for part in ("point.get() * i", "What would help most", "Machine code", "(float, int)"):
            self.assertIn(part, shown)
        self.assertNotIn("<script", text)

    @unittest.skipUnless(shutil.which("chromium"), "needs chromium")
    def test_a_browser_shows_the_page(self):
        self.explain(PROGRAM, "--html", "out.html")
        done = self.run_python(
            *"--headless --no-sandbox --disable-gpu --enable-logging=stderr --window-size=1200,2000".split(),
            f"--user-data-dir={self.folder / 'profile'}",
            f"--screenshot={self.folder / 'out.png'}",
            (self.folder / "out.html").as_uri(),
            executable="chromium",
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertNotIn("CONSOLE", done.stderr)
        self.assertGreater((self.folder / "out.png").stat().st_size, 20_000)

    def test_errors_are_the_program_s(self):
        done = self.run_python("-m", "pyrt", "explain", self.write("bad.py", "def f():\n    1 / 0\nf()\n"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("ZeroDivisionError: division by zero\n", done.stderr)
        self.assertNotIn("_explain", done.stderr)

    def test_without_a_jit(self):
        done = self.run_python("-m", "pyrt", "explain", self.write("a.py", ""), PYRT_JIT=0)
        self.assertEqual((done.returncode, done.stdout), (1, ""))


class StatsTest(ToolTest):
    def record(self, name, text, **options):
        script = self.write("program.py", text)
        self.output_of(
            script, PYRT_JIT_STATS="json", PYRT_JIT_STATS_FILE=name, PYRT_JIT_BACKGROUND=0, PYRT_JIT_EXIT_COST=0, **options
        )

    def compare(self, *arguments, executable=PYTHON):
        from support import PACKAGE

        return self.run_python("-m", "pyrt", "stats", *arguments, executable=executable, PYTHONPATH=PACKAGE)

    def test_one_recording_is_printed(self):
        self.record("a.json", "for i in range(10000): pass")
        done = self.compare("a.json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"(?m)^traces_compiled +1$")

    def test_exits_by_exceptions_are_recorded(self):
        program = """
            def first(value):
                try:
                    return list(iter(value))[0]
                except TypeError:
                    return value

            total = 0
            for turn in range(20000):
                total += first(turn if turn % 3 else [turn])
            """
        self.record("a.json", program)
        done = self.compare("a.json")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_lost_code_and_new_exits_fail_a_build(self):
        program = """
            def bump(value):
                return value + 1

            def f(values):
                for value in values:
                    bump(value)
            f([1] * 10000)
            f({})
            """
        self.record("a.json", program.format("[1] * 9"))
        self.record("b.json", program.format("[1] * 10"))
        self.assertEqual(self.compare("a.json", "b.json", "--fail").returncode, 0)
        self.record("c.json", program.format("[1, 2.5] * 1000"), PYRT_JIT_SIDE_TRACES=0)
        done = self.compare("a.json", "c.json", "--fail")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"more exit: type at (bump:3 BINARY_OP|entry at f:6 FOR_ITER)")
        self.assertEqual(self.compare("a.json", "c.json").returncode, 0)
        self.record("d.json", program.format("[1] * 9"), PYRT_JIT_DENY="f")
        done = self.compare("a.json", "d.json", "--fail")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no longer compiled: f:6", done.stdout)
        self.assertIn("new abort: denied at f:6", done.stdout)

    def test_what_is_no_recording(self):
        self.write("a.json", "[]")
        for name in ("a.json", "missing.json"):
            done = self.compare(name)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(name, done.stderr)


BROKEN = """
    import pyrt

    def runs(n):
        for i in range(n): pass

    def breaks(n):
        for i in range(n): pass

    def more(n):
        for i in range(n): pass

    for function in (runs, breaks, more):
        function(10000)
    # As if the JIT had a bug: the output depends on what is compiled.
    compiled = [any(trace["tree"] for trace in pyrt.jit.traces(f)) for f in (runs, breaks, more)]
    print("wrong" if CONDITION else "right")
"""


class BisectTest(ToolTest):
    def bisect(self, condition):
        script = self.write("program.py", BROKEN.replace("CONDITION", condition))
        import sys

        return self.run_python("-m", "pyrt", "bisect", "--", sys.executable, script, PYRT_JIT_BACKGROUND=0)

    def test_the_region_is_named(self):
        done = self.bisect("compiled[1]")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(done.stdout.endswith("\n  PYRT_JIT_DENY=breaks:8\n"), done.stdout)

    def test_two_that_break_it_together(self):
        done = self.bisect("compiled[0] and compiled[2]")
        self.assertTrue(done.stdout.endswith("\n  PYRT_JIT_DENY=more:11,runs:5\n"), done.stdout)

    def test_what_is_not_broken(self):
        done = self.bisect("False")
        self.assertEqual(done.returncode, 2)
        self.assertIn("same with the JIT as without", done.stdout)


if __name__ == "__main__":
    unittest.main()
