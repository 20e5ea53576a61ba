# Uncaught error inside an imported module, through the frames of the import system.
# contract: 1
# expect-exit: 1
import importlib.machinery
import sys

sources = {
    "modx": "import mody\ndef helper(a):\n    return a + mody.undefined_thing\n\nVALUE = helper(1)\n",
    "mody": "def __getattr__(n):\n    raise AttributeError(f'mody has no {n}' + '!' * len(n))\n",
}


class Loader:
    def find_spec(self, name, path=None, target=None):
        if name in sources:
            return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, mod):
        exec(compile(sources[mod.__name__], f"<{mod.__name__}>", "exec"), mod.__dict__)


sys.meta_path.insert(0, Loader())


def importer():
    from modx import VALUE

    return VALUE


try:
    importer()
finally:
    print(sorted(m for m in sys.modules if m.startswith("mod")))
