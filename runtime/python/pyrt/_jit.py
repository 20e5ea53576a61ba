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
        """Whether hot loops and functions are compiled, and run compiled."""
        return _pyrt is not None and _pyrt.enabled()

    def enable(self):
        """Compile hot loops and functions from now on.

        What was called while the JIT was off stays in the interpreter until it returns.
        A RuntimeError where that is not possible although this is pyrt: in a subinterpreter, or
        after a start with PYRT_JIT=0.
        """
        if _pyrt is not None:
            _pyrt.enable(True)

    def disable(self):
        """Stop compiling and entering compiled code. What runs goes on until it leaves its loop."""
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
        """Compile a function soon, and whatever PYRT_JIT_ALLOW and PYRT_JIT_DENY say; a decorator, too.

        A str names functions as for `never`, and as PYRT_JIT_ALWAYS does.
        """
        return self._say("always", function, "jit_always")

    def _say(self, word, function, option):
        if _pyrt is None:
            return function
        codes = _codes(function)
        if isinstance(function, str):
            listed = self.options()[option]
            self.set(**{option: f"{listed},{function}" if listed else function})
            if word == "never":
                _pyrt.flush()
                return function
            codes = _codes_named(function)
        for code in codes:
            _pyrt.policy((code, word))
        return function

    def flush(self):
        """Drop all compiled code. What is hot is compiled again."""
        if _pyrt is not None:
            _pyrt.flush()

    def stats(self):
        """All counters, as a dict; counts by reason are dicts in it. Empty where there is no JIT."""
        return _loads(_pyrt.stats()) if _pyrt is not None else {}

    def traces(self, function):
        """What there is to tell of the loops and entries of a function, and of the functions in it.

        A list of dicts: where each is (`function`, `file`, `line`, `kind`), its `state`, why recordings
        were aborted (`aborts`), and its `tree`, or None. A tree has sizes and counts, the `lines` that
        are part of it, also of inlined functions, and the `exits` that were taken, with reason, place, count and,
        if somebody listens to "deopt" or statistics are on, the `types` of the operands.
        """
        if _pyrt is None:
            return []
        return [trace for code in _codes(function) for trace in _loads(_pyrt.traces(code))]

    def disassemble(self, function, stage="asm"):
        """The compiled code of a function as text; empty if there is none.

        A stage is `bytecode` (what was recorded), `ir` (as recorded), `opt` (as optimised), `clif` (Cranelift's, with the
        line of each instruction), or `asm`. The text is made anew, by compiling once more.
        """
        if stage not in ("bytecode", "ir", "opt", "clif", "asm"):
            raise ValueError(f"no stage {stage!r}: expected bytecode, ir, opt, clif or asm")
        if _pyrt is None:
            return ""
        return "\n".join(filter(None, (_pyrt.listing((code, stage)) for code in _codes(function))))

    def on(self, event, callback):
        """Have `callback(event)` called, with a dict, when something happens; returns the callback.

        The events are "compile" (a tree was compiled), "abort" (a recording ended without one) and
        "deopt" (compiled code was left because an assumption did not hold). They arrive a little later, on
        the main thread. `off(callback)` ends it. Listening to "deopt" slows exits down.
        """
        if event not in _EVENTS:
            raise ValueError(f"no event {event!r}: expected {', '.join(_EVENTS)}")
        _listeners.append((event, callback))
        _listen()
        return callback

    def off(self, callback):
        """Stop calling a callback."""
        _listeners[:] = [(event, known) for event, known in _listeners if known != callback]
        _listen()

    def paused(self):
        """A context in which the JIT is off."""
        return _Paused()

    def __repr__(self):
        state = "enabled" if self.enabled else "disabled" if self.available else "absent"
        return f"<pyrt.jit: {state}>"


class _Paused:
    """Switches the JIT off, and back on if it was on."""

    def __enter__(self):
        self._enabled = Jit().enabled
        Jit().disable()

    def __exit__(self, *exception):
        if self._enabled:
            Jit().enable()


_EVENTS = {"compile": 1, "abort": 2, "deopt": 4}
_listeners = []


def _listen():
    """Tells the JIT what is listened to."""
    if _pyrt is not None:
        bits = 0
        for event, _ in _listeners:
            bits |= _EVENTS[event]
        _pyrt.listen((_deliver if bits else None, bits))


def _deliver(text):
    """Calls the listeners. What one of them raises is reported as for `__del__`, and stops nobody else."""
    import sys
    import traceback

    for event in _loads(text)["events"]:
        for wanted, callback in list(_listeners):
            if wanted == event["event"]:
                try:
                    callback(event)
                except Exception:
                    print("Exception ignored in a listener of pyrt.jit:", callback, file=sys.stderr)
                    traceback.print_exc()


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


def _codes_named(name):
    """The code of the functions that have this name now: a qualified name, alone or after a module's."""
    import inspect
    import sys
    import types

    for module_name, module in list(sys.modules.items()):
        for qualified in {name, name.removeprefix(f"{module_name}.")}:
            found = module
            for part in qualified.split("."):
                # Without running anybody's code.
                found = inspect.getattr_static(found, part, None)
            if isinstance(found, (types.FunctionType, staticmethod, classmethod)):
                yield from _codes(found)


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
