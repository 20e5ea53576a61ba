"""The package `pyrt`: what programs do with the JIT, under pyrt and under another Python."""
import ast
import inspect
import unittest

from support import PACKAGE, PYTHON, ToolTest

NOW = {"PYRT_JIT_BACKGROUND": 0, "PYRT_JIT_EXIT_COST": 0, "PYRT_JIT_COMPILE_SHARE": 0}
LOOPS = """
    import pyrt
    from pyrt import jit

    class Adder:
        def add(self, a, b):
            return a + b

    def total(n, step, adder=Adder()):
        s = 0
        for i in range(n):
            s = adder.add(s, step)
        return s

    def each(values, adder=Adder()):
        for value in values:
            adder.add(value, 1)

    def compiled(function):
        return [trace["kind"] for trace in jit.traces(function) if trace["tree"]]
"""


def keys_of(name):
    """The keys of a dict, as the stub has them."""
    stub = ast.parse((PACKAGE / "pyrt/__init__.pyi").read_text())
    found, = (node for node in stub.body if isinstance(node, ast.ClassDef) and node.name == name)
    inherited = keys_of("Place") if any(ast.unparse(base) == "Place" for base in found.bases) else set()
    return inherited | {node.target.id for node in found.body}


class ApiTest(ToolTest):
    def setUp(self):
        super().setUp()
        self.write("loops.py", LOOPS)

    def run_program(self, text, **options):
        self.write("program.py", "from loops import *\n" + inspect.cleandoc(text))
        return self.output_of("program.py", **options).splitlines()

    def test_traces_tell_lines_exits_and_types(self):
        lines = self.run_program(
            """
            jit.on("deopt", lambda event: None)
            each([1] * 10000)
            each([1, 1, 2.5] * 20)
            trace, = [trace for trace in jit.traces(each) if trace["kind"] == "loop"]
            print(trace["state"], trace["function"], trace["line"], trace["file"].endswith("loops.py"))
            tree = trace["tree"]
            print({(line["function"], line["line"]) for line in tree["lines"]} >= {("each", 16), ("Adder.add", 7)})
            print(0 < tree["code_bytes"] < tree["bytes"], tree["entries"] > 0)
            exit, = [exit for exit in tree["exits"] if exit["types"]]
            print(exit["reason"], exit["function"], exit["line"], exit["instruction"])
            print(list(exit["types"]), exit["count"] >= sum(exit["types"].values()) > 10)
            for found in trace, tree, tree["lines"][0], exit:
                print(*sorted(found))
            """,
            PYRT_JIT_EXIT_THRESHOLD=1000000,
            **NOW,
        )
        self.assertEqual(lines[:3], ["compiled each 16 True", "True", "True True"])
        self.assertEqual(lines[3:5], ["type Adder.add 7 BINARY_OP_ADD_INT", "['float, int'] True"])
        self.assertEqual(lines[5:], [" ".join(sorted(keys_of(name))) for name in ("Trace", "Tree", "LineOfCode", "Exit")])

    def test_aborts_are_told(self):
        lines = self.run_program(
            """
            def changes(n):
                x = 0
                for i in range(n):
                    x = x + 1 if i % 2 else str(x) and 1.5
            events = []
            jit.on("abort", events.append)
            jit.set(jit_deny="changes")
            changes(10000)
            trace, = [trace for trace in jit.traces(changes) if trace["kind"] == "loop"]
            print(trace["state"], trace["tree"])
            print([event["reason"] for event in events if event["place"].startswith("changes")])
            """,
            **NOW,
        )
        self.assertEqual(lines, ["given up None", "['denied']"])

    def test_disassembly(self):
        lines = self.run_program(
            """
            print(repr(jit.disassemble(total)))
            total(10000, 1)
            print("guard" in jit.disassemble(total, "ir"), "header" in jit.disassemble(total, "opt"))
            print("total:11" in jit.disassemble(total, "clif"), "ret" in jit.disassemble(total))
            print("Adder.add:7" in jit.disassemble(total, "bytecode"), "FOR_ITER" in jit.disassemble(total, "bytecode"))
            try:
                jit.disassemble(total, "x")
            except ValueError as error:
                print(error)
            """,
            **NOW,
        )
        self.assertEqual(lines, ["''", "True True", "True True", "True True", "no stage 'x': expected bytecode, ir, opt, clif or asm"])

    def test_never_always_flush(self):
        lines = self.run_program(
            """
            total(10000, 1)
            print(compiled(total))
            jit.flush()
            print(compiled(total))
            total(10000, 1)
            print(compiled(total))
            jit.never(total)
            print(compiled(total))
            total(10000, 1)
            print(compiled(total))
            jit.always(total)
            total(100, 1)
            total(100, 1)
            print(compiled(total))
            jit.never(Adder.add)
            total(10000, 1)
            print({line["function"] for trace in jit.traces(total) if trace["tree"] for line in trace["tree"]["lines"]})
            try:
                jit.never(len)
            except TypeError as error:
                print(error)
            """,
            **NOW,
        )
        self.assertEqual(lines[:5], ["['loop']", "[]", "['loop']", "[]", "[]"])
        self.assertIn("loop", lines[5])
        self.assertEqual(lines[6:], ["{'total'}", "<built-in function len> is no function that is written in Python"])

    def test_never_by_name_and_as_a_decorator(self):
        lines = self.run_program(
            """
            @jit.never
            def f(n):
                return [i for i in range(n)]
            f(10000)
            print(compiled(f))
            jit.never("loops.total")
            total(10000, 1)
            print(compiled(total), jit.options()["jit_deny"])
            """,
            **NOW,
        )
        self.assertEqual(lines, ["[]", "[] loops.total"])

    def test_always_by_name(self):
        lines = self.run_program(
            """
            import types
            jit.always("later.f")
            later = types.ModuleType("later")
            loop = "(n):\\n    for i in range(n): pass\\n"
            exec(f"def f{loop}def g{loop}", later.__dict__)
            for function in (later.f, later.g):
                function(50)
                function(50)
                print(compiled(function))
            total(50, 1)
            jit.always("total")
            total(50, 1)
            total(50, 1)
            print("loop" in compiled(total), jit.options()["jit_always"])
            """,
            PYRT_JIT_DENY="later,total",
            **NOW,
        )
        self.assertIn("loop", lines[0])
        self.assertEqual(lines[1:], ["[]", "True later.f,total"])

    def test_events_arrive(self):
        lines = self.run_program(
            """
            events = []
            jit.on("compile", events.append)
            total(10000, 1)
            total(1, 1)
            print({event["name"] for event in events}, events[0]["kind"], events[0]["code_bytes"] > 0)
            jit.off(events.append)
            known = len(events)
            jit.flush()
            total(10000, 1)
            total(1, 1)
            print(len(events) == known)
            """,
            **NOW,
        )
        self.assertEqual(lines[1], "True")
        self.assertIn("'total:11'", lines[0])
        self.assertTrue(lines[0].endswith("root True"))

    def test_a_listener_s_exception_is_reported_and_stops_nothing(self):
        self.write(
            "program.py",
            """
            from loops import *
            seen = []
            jit.on("compile", lambda event: 1 / 0)
            jit.on("compile", seen.append)
            print(total(10000, 1), total(10, 1), bool(seen))
            """,
        )
        done = self.run_python("program.py", **NOW)
        self.assertEqual((done.returncode, done.stdout), (0, "10000 10 True\n"))
        self.assertIn("in a listener of pyrt.jit", done.stderr)
        self.assertIn("ZeroDivisionError", done.stderr)

    def test_pause_and_options(self):
        lines = self.run_program(
            """
            with jit.paused():
                print(jit.enabled)
                total(10000, 1)
            print(jit.enabled, compiled(total))
            jit.set(jit_loop_threshold=10**6)
            def g(n):
                for i in range(n): pass
            g(10000)
            print(compiled(g))
            try:
                jit.set(jit_loop_threshold=0, jit_opt="none")
            except ValueError as error:
                print(error, jit.options()["jit_opt"])
            """,
            **NOW,
        )
        self.assertEqual(lines[:3], ["False", "True []", "[]"])
        self.assertRegex(lines[3], "jit_loop_threshold.* from 1 to 1000000 speed$")

    def test_without_a_jit(self):
        program = """
            import pyrt
            from pyrt import jit
            print(jit, jit.available, jit.enabled, pyrt.__version__, pyrt.build)
            @jit.never
            def f():
                return 1
            jit.enable(); jit.disable(); jit.flush(); jit.set(jit_opt="none"); jit.never("x"); jit.always(f)
            jit.off(jit.on("deopt", print))
            with jit.paused():
                print(f(), jit.stats(), jit.options(), jit.traces(f), repr(jit.disassemble(f)))
            """
        program = self.write("program.py", program)
        path = {"executable": PYTHON, "PYTHONPATH": PACKAGE}
        text = self.output_of(program, **path)
        self.assertEqual(text, "<pyrt.jit: absent> False False None None\n1 {} {} [] ''\n")
        done = self.run_python("-m", "pyrt", "config", **path)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("no JIT", done.stderr)

    def test_the_stub_has_what_there_is(self):
        import pyrt

        stub = ast.parse((PACKAGE / "pyrt/__init__.pyi").read_text())
        declared, = (node for node in stub.body if isinstance(node, ast.ClassDef) and node.name == "Jit")
        methods = {node.name: node for node in declared.body if isinstance(node, ast.FunctionDef)}
        public = {name for name in dir(pyrt.jit) if not name.startswith("_")}
        self.assertEqual(set(methods), public)
        for name in public:
            there = getattr(type(pyrt.jit), name)
            self.assertTrue(there.__doc__, name)
            if not isinstance(there, property):
                arguments = methods[name].args
                names = [argument.arg for argument in arguments.args]
                names += [arguments.kwarg.arg] if arguments.kwarg else []
                self.assertEqual(names, list(inspect.signature(there).parameters), name)


if __name__ == "__main__":
    unittest.main()
