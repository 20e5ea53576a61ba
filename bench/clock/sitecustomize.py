"""Have `time.perf_counter`, by which pyperf measures, say processor time: of all threads of this process and of the
children that it waited for.

Python imports this when its folder is on PYTHONPATH. On a shared machine, what else runs counts least there.
"""
import resource
import time


def processor_time(own=time.process_time, usage=resource.getrusage, children=resource.RUSAGE_CHILDREN):
    waited_for = usage(children)
    return own() + waited_for.ru_utime + waited_for.ru_stime


time.perf_counter = processor_time
