"""Print a recording that PYRT_JIT_STATS=json has written, or compare two, and perhaps fail."""

import json
import sys


def add_arguments(parser):
    parser.add_argument("recording", help="the recording")
    parser.add_argument("other", nargs="?", help="a later one, to compare with it")
    parser.add_argument("--fail", action="store_true", help="fail if code is no longer compiled, or is left at new places")
    parser.add_argument("--factor", type=float, default=2.0, help="how much more often counts as new [default: 2]")


def run(arguments):
    try:
        first = _read(arguments.recording)
        second = _read(arguments.other) if arguments.other else None
    except (OSError, ValueError) as error:
        print(f"stats: {error}", file=sys.stderr)
        return 2
    if second is None:
        print("\n".join(_lines(first)))
        return 0
    print("\n".join(_compared(first, second)))
    worse = regressions(first, second, arguments.factor)
    for complaint in worse:
        print(complaint)
    if not worse:
        print("nothing got worse")
    return 1 if worse and arguments.fail else 0


def _read(path):
    with open(path, encoding="utf-8") as file:
        recording = json.load(file)
    if not isinstance(recording, dict) or "places" not in recording:
        raise ValueError(f"{path} is no recording of PYRT_JIT_STATS=json")
    return recording


def _flat(recording):
    """All counters by name; those by reason with it."""
    for name, value in recording.items():
        if isinstance(value, dict):
            for reason, count in value.items():
                yield f"{name}: {reason}", count
        elif name != "places":
            yield name, value


def _lines(recording):
    yield from _aligned(list(_flat(recording)))
    for what, place, count in recording["places"]:
        yield f"{count:>12}  {what:28}{place}"


def _aligned(rows):
    width = max(len(name) for name, *_ in rows)
    for name, *values in rows:
        yield "  ".join([name.ljust(width), *(f"{value:>14}" for value in values)])


def _compared(first, second):
    before, after = dict(_flat(first)), dict(_flat(second))
    names = list(dict.fromkeys([*before, *after]))
    rows = [(name, before.get(name, 0), after.get(name, 0)) for name in names]
    return _aligned([row for row in rows if row[1] != row[2]] or [("no counter", 0, 0)])


def regressions(first, second, factor):
    """What got worse, a sentence each: code that is no longer compiled, new aborts, and new or more exits.

    Exits that are part of the plan, like the end of a loop, do not count.
    """
    before, after = _places(first), _places(second)
    compiled = "instructions compiled"
    found = [f"no longer compiled: {place}" for what, place in before if what == compiled and (what, place) not in after]
    for (what, place), count in after.items():
        known = before.get((what, place), 0)
        if what.startswith("abort: ") and not known:
            found.append(f"new {what} at {place}, {count} times")
        planned = what.removeprefix("exit: ").removesuffix(" at entry") in PLANNED
        if what.startswith("exit: ") and not planned and count > max(known * factor, LEAST):
            found.append(f"more {what} at {place}: {count} times, before {known}")
    return sorted(found)


PLANNED = {"loop-end", "exhausted", "poll", "leave", "return", "yield"}
LEAST = 100


def _places(recording):
    return {(what, place): count for what, place, count in recording["places"]}
