"""Every option with its value and where that comes from."""

import json
import sys

from pyrt._jit import settings


def add_arguments(parser):
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--set", action="store_true", help="only options that are not at their defaults")


def run(arguments):
    config = settings()
    options = config["options"]
    if not options:
        print("this Python has no JIT: it is not pyrt", file=sys.stderr)
        return 1
    if arguments.set:
        options = [option for option in options if option["source"] != "default"]
    if arguments.json:
        print(json.dumps({**config, "options": options}, indent=2))
        return 0
    print(f"project file: {config['project'] or 'none'}")
    rows = [(option["variable"], option["value"] or "not set", option["source"]) for option in options]
    widths = [max(map(len, column), default=0) for column in zip(*rows)]
    for row in rows:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
    return 0
