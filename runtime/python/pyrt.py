"""pyrt: what this Python is built from, and what its JIT does.

Programs may import this module where they run under pyrt; on another Python it
does not exist.
"""

build = {
    "python": _python_version,
    "python_path": _python_path,
    "target": _target,
}


class _Jit:
    """The trace compiler of this process."""

    __slots__ = ()

    @property
    def enabled(self):
        """Whether functions called from now on have their loops compiled."""
        return _enabled()

    def enable(self):
        """Compile hot loops of functions called from now on."""
        _enable(True)

    def disable(self):
        """Stop compiling and running compiled loops in functions called from now on."""
        _enable(False)

    def stats(self):
        """All counters, as a dict; counts by reason are dicts in it."""
        import json

        return json.loads(_stats())

    def __repr__(self):
        return f"<pyrt.jit: {'enabled' if self.enabled else 'disabled'}>"


jit = _Jit()
