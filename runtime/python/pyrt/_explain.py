"""Run a program and explain its lines: their share of time, what was compiled, what was not, and why.

The program's processor time is sampled, on its main thread only. The report follows what the program prints, on stderr.
"""

import os
import sys
import time

from pyrt import _files, _html, _pages
from pyrt._jit import _loads
from pyrt._report import Report

try:
    import _pyrt
except ImportError:
    _pyrt = None


def add_arguments(parser):
    import argparse

    parser.add_argument("--html", metavar="FILE", help="also write a page that explains more")
    parser.add_argument("--json", metavar="FILE", help="also write what the report is made from")
    parser.add_argument("--interval", metavar="MICROSECONDS", type=int, default=1000, help="between samples; the system may take fewer")
    parser.add_argument("script", help="the program")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="its arguments")


def run(arguments):
    if _pyrt is None or not _pyrt.available():
        print("there is nothing to explain: no JIT is on here", file=sys.stderr)
        return 1
    with open(arguments.script, "rb") as file:
        code = compile(file.read(), os.path.abspath(arguments.script), "exec", dont_inherit=True)
    started = time.thread_time()
    ended = _execute(code, arguments)
    seconds = time.thread_time() - started
    report = Report.of_this_process(_loads(_pyrt.sampled()), seconds, _pyrt.codes(), code)
    sys.stdout.flush()
    print(_pages.text(report), file=sys.stderr)
    if arguments.html:
        _write(arguments.html, _html.page(report))
    if arguments.json:
        import json

        _write(arguments.json, json.dumps(report.data, indent=1))
    return ended


def _execute(code, arguments):
    """Runs the program as Python would, sampled; its exit status."""
    import types

    main = types.ModuleType("__main__")
    main.__file__ = arguments.script
    main.__builtins__ = __builtins__
    sys.modules["__main__"] = main
    sys.argv = [arguments.script, *arguments.arguments]
    sys.path[0] = os.path.dirname(os.path.realpath(arguments.script))
    _pyrt.observe(arguments.interval * 1000)
    try:
        exec(code, main.__dict__)
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    except BaseException as error:
        import traceback

        # Without this function's own frame.
        traceback.print_exception(type(error), error, error.__traceback__.tb_next)
        return 1
    return 0


def _write(path, text):
    """Writes a file, and says where; the program has run by then, so what cannot be written is a warning."""
    try:
        _files.create(path, text)
    except OSError as error:
        print(f"pyrt: warning: {path} is not written: {error.strerror or error}", file=sys.stderr)
    else:
        print(f"written: {path}", file=sys.stderr)
