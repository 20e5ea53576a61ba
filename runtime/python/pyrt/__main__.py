"""`python -m pyrt COMMAND`: tools that look at the JIT."""

import argparse
import os
import sys

import pyrt
from pyrt import _bisect, _config, _explain, _stats, _top

COMMANDS = {
    "config": _config,
    "explain": _explain,
    "stats": _stats,
    "bisect": _bisect,
    "top": _top,
}


def main():
    parser = argparse.ArgumentParser(prog="python -m pyrt", description=pyrt.__doc__.partition("\n")[0])
    commands = parser.add_subparsers(dest="tool", required=True, metavar="COMMAND")
    for name, module in COMMANDS.items():
        summary = module.__doc__.partition("\n")[0]
        command = commands.add_parser(name, help=summary, description=module.__doc__)
        module.add_arguments(command)
    arguments = parser.parse_args()
    try:
        status = COMMANDS[arguments.tool].run(arguments)
        if arguments.tool != "explain":
            sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has seen enough. Python flushes once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
