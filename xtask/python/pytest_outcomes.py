"""A plugin for pytest that logs the outcome of every test as it happens, as record_outcomes.py does."""
import os

from record_outcomes import Log

log = Log(os.environ["OUTCOMES"])


def pytest_runtest_logstart(nodeid, location):
    log.write("start", nodeid)


def pytest_runtest_logreport(report):
    if report.when == "call" or not report.passed:
        outcome = kind(report)
        log.write(outcome, report.nodeid, "" if outcome == "pass" else report.longreprtext)


def pytest_collectreport(report):
    if not report.passed:
        log.write(kind(report), report.nodeid, report.longreprtext)


def kind(report):
    if hasattr(report, "wasxfail"):
        return "xpass" if report.passed else "xfail"
    if report.failed:
        return "fail" if report.when == "call" else "error"
    return "skip" if report.skipped else "pass"
