"""Time the `run` of a program in this process until it is steady, and print the result as JSON.

    python3.11 timing.py PROGRAM [--calls N]

Without a number, the calls end when they have taken a while and the last of them agree to 3 %, or when the time is
used up; `steady` is the median of their second half. If the program has a `prepare`, that is
called before each `run`, which gets its result, and the time for it does not count.

Times are processor time of all threads: on a shared machine, what else runs counts least there. The first call is also timed
by the clock, because that is what somebody waits for.
"""
import argparse
import importlib.util
import json
import statistics
import sys
import time

WINDOW = 5
SPREAD = 0.03
MINIMUM = 0.3
BUDGET = 2.0


def load(path):
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(program):
    arguments = [program.prepare()] if hasattr(program, "prepare") else []
    start = time.process_time(), time.perf_counter()
    result = program.run(*arguments)
    return time.process_time() - start[0], time.perf_counter() - start[1], repr(result)


def is_steady(times):
    last = times[-WINDOW:]
    return sum(times) >= MINIMUM and max(last) - min(last) <= SPREAD * min(last)


def is_enough(times, calls):
    if calls:
        return len(times) >= calls
    return len(times) >= WINDOW and (is_steady(times) or sum(times) >= BUDGET)


def measure(path, calls=None):
    program = load(path)
    times = []
    results = set()
    while not is_enough(times, calls):
        seconds, elapsed, result = call(program)
        if not times:
            first = elapsed
        times.append(seconds)
        results.add(result)
    if len(results) > 1:
        sys.exit(f"{path}: `run` returns now this, now that: {sorted(results)}")
    return {
        "first": first,
        "first_processor": times[0],
        "steady": statistics.median(times[len(times) // 2:]),
        "calls": len(times),
        "result": result,
    }


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--calls", type=int)
    arguments = parser.parse_args()
    print(json.dumps(measure(arguments.program, arguments.calls)))
