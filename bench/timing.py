"""Time the `run` of a program in this process until it is steady, and print the result as JSON.

    python3.11 timing.py PROGRAM

`steady` is the median of the last calls, once those agree to 3 % or the time is used up.
"""
import importlib.util
import json
import statistics
import sys
import time

WINDOW = 5
SPREAD = 0.03
BUDGET = 20.0


def load(path):
    spec = importlib.util.spec_from_file_location("program", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def call(function):
    start = time.perf_counter()
    result = function()
    return time.perf_counter() - start, result


def is_steady(times):
    last = times[-WINDOW:]
    return len(last) == WINDOW and max(last) - min(last) <= SPREAD * min(last)


def measure(function):
    times = []
    while not is_steady(times) and (len(times) < WINDOW or sum(times) < BUDGET):
        seconds, result = call(function)
        times.append(seconds)
    return {
        "first": times[0],
        "steady": statistics.median(times[-WINDOW:]),
        "calls": len(times),
        "result": repr(result),
    }


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    print(json.dumps(measure(load(sys.argv[1]).run)))
