"""Run CPython's regression tests and log the outcome of every test as it happens.

    python3.11 record_outcomes.py LOG [regrtest argument ...]

Each line of LOG is `outcome<TAB>test id<TAB>detail`, escaped to ASCII. A test has one line `start`
and one line per outcome, so that a log which ends early names the test that crashed or hung. This
is why it is not `--junit-xml`, which is written at the very end, leaves failing subtests and
failing set-up functions without a name, and is no XML when a message holds a control character.
"""
import os
import sys


class Log:
    """Appends lines to a file that is closed in between: tests close and inherit descriptors."""

    def __init__(self, path):
        self._path = os.path.abspath(path)
        self._pid = os.getpid()
        # Tests patch `os`, so what is needed later is taken now.
        self._os = os.open, os.write, os.close, os.getpid

    def write(self, outcome, test_id, detail=""):
        open_, write, close, getpid = self._os
        if getpid() != self._pid:
            return
        line = b"\t".join(str(field).encode("unicode_escape") for field in (outcome, test_id, detail))
        fd = open_(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            write(fd, line + b"\n")
        finally:
            close(fd)


def recording(base, log):
    """The class `base` of regrtest's results, with every outcome also written to `log`."""

    class Recording(base):
        def startTest(self, test):
            log.write("start", test.id())
            super().startTest(test)

        def addSuccess(self, test):
            log.write("pass", test.id())
            super().addSuccess(test)

        def addError(self, test, err):
            log.write("error", test.id(), traceback_of(err))
            super().addError(test, err)

        def addFailure(self, test, err):
            log.write("fail", test.id(), traceback_of(err))
            super().addFailure(test, err)

        def addSkip(self, test, reason):
            # A subtest's parameters may print addresses; its test's name does not.
            log.write("skip", getattr(test, "test_case", test).id(), reason)
            super().addSkip(test, reason)

        def addExpectedFailure(self, test, err):
            log.write("xfail", test.id())
            super().addExpectedFailure(test, err)

        def addUnexpectedSuccess(self, test):
            log.write("xpass", test.id())
            super().addUnexpectedSuccess(test)

        def addSubTest(self, test, subtest, err):
            if err is not None:
                outcome = "fail" if issubclass(err[0], test.failureException) else "error"
                log.write(outcome, test.id(), f"{subtest.id()}\n{traceback_of(err)}")
            super().addSubTest(test, subtest, err)

    return Recording


def disguise(path, *classes):
    """Make the methods of `classes` look like code of the file `path`, for test_trace's sake.

    It collects the files outside the library that ran while it was tracing.
    """
    globals()["__file__"] = path
    for cls in classes:
        for method in vars(cls).values():
            if hasattr(method, "__code__"):
                method.__code__ = method.__code__.replace(co_filename=path)


def traceback_of(err):
    import traceback

    return "".join(traceback.format_exception(*err))


def main():
    log = Log(sys.argv.pop(1))
    # As under `-m test`, the tests cannot import what lies beside this file.
    del sys.path[0]

    from test import libregrtest
    from test.support import testresult

    recorder = recording(testresult.RegressionTestResult, log)
    disguise(testresult.__file__, Log, recorder)
    testresult.RegressionTestResult = recorder
    libregrtest.main()


if __name__ == "__main__":
    main()
