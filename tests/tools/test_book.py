"""The book: its Python runs, and its options and commands exist."""
import json
import pathlib
import re
import tomllib
import unittest

from support import ToolTest

BOOK = pathlib.Path(__file__).parents[2] / "docs"
PAGES = [*BOOK.glob("*.md"), BOOK.parent / "README.md"]
# Variables that are no options of the executable, and names that stand for many.
OTHERS = {"PYRT_PYTHON", "PYRT_DEBUG_PYTHON", "PYRT_BLESS"}


def blocks(language):
    """The code blocks of a language, with their pages."""
    for page in PAGES:
        for block in re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page.read_text()):
            yield page.name, block


class BookTest(ToolTest):
    def test_python_runs(self):
        found = list(blocks("python"))
        self.assertTrue(found)
        for page, block in found:
            self.write("block.py", block)
            done = self.run_python("block.py")
            self.assertEqual((done.returncode, done.stderr), (0, ""), page)

    def test_projects_are_accepted(self):
        found = list(blocks("toml"))
        self.assertTrue(found)
        for page, block in found:
            tomllib.loads(block)
            self.write("pyproject.toml", block)
            self.assertIn("project file: /", self.output_of("-m", "pyrt", "config"), page)

    def test_options_exist(self):
        options = json.loads(self.output_of("-m", "pyrt", "config", "--json"))["options"]
        known = {option["variable"] for option in options} | OTHERS
        for page in PAGES:
            named = set(re.findall(r"PYRT_[A-Z_]*[A-Z]\b(?!\*|_)", page.read_text()))
            self.assertEqual(named - known, set(), page.name)

    def test_commands_exist(self):
        usage = self.output_of("-m", "pyrt", "--help")
        for page in PAGES:
            for command in re.findall(r"-m pyrt ([a-z]+)", page.read_text()):
                self.assertRegex(usage, rf"(?m)^ +{command} ", page.name)


if __name__ == "__main__":
    unittest.main()
