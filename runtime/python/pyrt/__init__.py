"""pyrt: what this Python is built from, and what its JIT does.

The package is part of the pyrt executable. It also imports on another Python 3.11 or later, where
`pyrt.jit.available` is False and nothing is compiled, so that programs may use it unconditionally.
"""

from pyrt._jit import Jit

try:
    import _pyrt
except ImportError:
    __version__ = None
    build = None
else:
    __version__ = _pyrt.version
    build = {
        "python": _pyrt.python_version,
        "python_path": _pyrt.python_path,
        "target": _pyrt.target,
    }
    del _pyrt

__all__ = ["build", "jit"]

jit = Jit()
