"""What Python does at its start while `cargo xtask bench` measures a program of pyperformance.

`time.perf_counter`, by which pyperf measures, says processor time: of all threads of this process and of the children
that it waited for. On a shared machine, what else runs counts least there.

pyrt's counters are written at the end, into the folder that BENCH_COUNTERS names. PYRT_JIT_STATS would do that, too,
but makes exits from compiled code slow, because it notes their places.
"""
import atexit
import os
import resource
import time


def processor_time(own=time.process_time, usage=resource.getrusage, children=resource.RUSAGE_CHILDREN):
    waited_for = usage(children)
    return own() + waited_for.ru_utime + waited_for.ru_stime


def write_counters(folder):
    try:
        import pyrt
    except ImportError:
        return
    if pyrt.jit.available:
        import json

        with open(f"{folder}/{os.getpid()}.json", "w") as file:
            json.dump(pyrt.jit.stats(), file)


time.perf_counter = processor_time
if "BENCH_COUNTERS" in os.environ:
    atexit.register(write_counters, os.environ["BENCH_COUNTERS"])
