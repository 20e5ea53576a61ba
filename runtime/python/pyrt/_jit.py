"""The trace compiler, as programs see it."""

try:
    import _pyrt
except ImportError:
    _pyrt = None


def _loads(text):
    """What JSON says. Not imported before it is needed: most programs never ask."""
    import json

    return json.loads(text)


class Jit:
    """The trace compiler of this process: `pyrt.jit`.

    Where there is none, on another Python, `available` and `enabled` are False, what would have it
    compile something does nothing, and what would tell of it tells nothing.
    """

    __slots__ = ()

    @property
    def available(self):
        """Whether this Python has a JIT that can be switched on in this interpreter."""
        return _pyrt is not None and _pyrt.available()

    @property
    def enabled(self):
        """Whether functions called from now on have their loops compiled."""
        return _pyrt is not None and _pyrt.enabled()

    def enable(self):
        """Compile hot loops of functions called from now on.

        A RuntimeError where that is not possible although this is pyrt: in a subinterpreter, or
        after a start with PYRT_JIT=0.
        """
        if _pyrt is not None:
            _pyrt.enable(True)

    def disable(self):
        """Stop compiling and running compiled code in functions called from now on."""
        if _pyrt is not None:
            _pyrt.enable(False)

    def options(self):
        """All options with their values as texts, by name: `jit_loop_threshold` for PYRT_JIT_LOOP_THRESHOLD."""
        return {option["name"]: option["value"] for option in settings()["options"]}

    def set(self, **options):
        """Change options while the program runs: `set(jit_loop_threshold=500)`.

        All are changed, or none: then a ValueError names the option and what it may be.
        """
        if _pyrt is not None:
            _pyrt.change(tuple((name, _as_text(value)) for name, value in options.items()))

    def never(self, function):
        """Never compile a function, nor make it part of what is compiled; a decorator, too.

        A str names functions by module, qualified name, or both, as PYRT_JIT_DENY does. What is compiled
        already is dropped, but code that is running goes on until it leaves its loop.
        """
        return self._say("never", function, "jit_deny")

    def always(self, function):
        """Compile a function soon, and whatever PYRT_JIT_ALLOW and PYRT_JIT_DENY say; a decorator, too."""
        return self._say("always", function)

    def _say(self, word, function, option=None):
        if _pyrt is None:
            return function
        if isinstance(function, str) and option is not None:
            listed = self.options()[option]
            self.set(**{option: f"{listed},{function}" if listed else function})
            _pyrt.flush()
            return function
        for code in _codes(function):
            _pyrt.policy((code, word))
        return function

    def flush(self):
        """Drop all compiled code. What is hot is compiled again."""
        if _pyrt is not None:
            _pyrt.flush()

    def stats(self):
        """All counters, as a dict; counts by reason are dicts in it. Empty where there is no JIT."""
        return _loads(_pyrt.stats()) if _pyrt is not None else {}

    def __repr__(self):
        state = "enabled" if self.enabled else "disabled" if self.available else "absent"
        return f"<pyrt.jit: {state}>"


def _codes(function):
    """The code of a function and of the functions in it. Methods and what wraps functions have theirs."""
    import inspect
    import types

    code = getattr(inspect.unwrap(getattr(function, "__func__", function)), "__code__", function)
    if not isinstance(code, types.CodeType):
        raise TypeError(f"{function!r} is no function that is written in Python")
    waiting = [code]
    while waiting:
        code = waiting.pop()
        yield code
        waiting += [const for const in code.co_consts if isinstance(const, types.CodeType)]


def settings():
    """The project's file, and all options with where their values come from."""
    if _pyrt is None:
        return {"project": None, "options": []}
    return _loads(_pyrt.settings())


def _as_text(value):
    """A value as it would stand in the environment."""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return str(value)
