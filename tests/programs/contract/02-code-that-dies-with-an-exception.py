# The code of a frame that a traceback has kept may die with the exception that is dropped, if nobody else has it: that of
# `exec` and `eval`, and of functions whose code was made for them.
# contract: 2
# expect: traces>=3
import gc
import sys
import types
import weakref


def executed(sources):
    for source in sources:
        try:
            exec(source, {})
        except:
            pass


def evaluated(sources):
    for source in sources:
        try:
            eval(source)
        except KeyboardInterrupt:
            raise
        except Exception:
            pass


def fails():
    raise ValueError


def made(sources):
    for source in sources:
        function = types.FunctionType(fails.__code__.replace(co_name=source.strip()), {"ValueError": ValueError})
        codes.append(weakref.ref(function.__code__))
        call = [function].pop
        function = None
        try:
            call()()
        except ValueError:
            pass
        call = None


codes = []
for loop in (executed, evaluated, made):
    for sources in (["1"] * 20, ["1/0"] * 20):
        for _ in range(200):
            loop(sources)
    gc.collect()
    codes.clear()
    before = sys.getallocatedblocks()
    for _ in range(20):
        loop(["1/0"] * 20)
    print(loop.__name__, len(codes), sum(code() is not None for code in codes))
    codes.clear()
    gc.collect()
    print(sys.getallocatedblocks() - before < 100)
