"""Runs the suites that drive the real stoad and stoa: all of them, or those named.

    run.py [--report FILE] [--seed N] [--queries N] [NAME…]

Without a NAME all but those that take the machine for minutes, which run by name: attacks, stops.
NAME is the end of a file name: `differential` for test_differential.py, `stoa` for the Python
client's own tests in tools/python/tests. --seed and --queries
change the differential suite, for longer hunts. The report gets `passed failed`. Where root starts
them, the suites and what they start act as an ordinary user.
"""

import argparse
import contextlib
import os
import sys
import time
import unittest
from pathlib import Path

import user

HERE = Path(__file__).resolve().parent
BY_NAME = {"attacks", "stops"}
FOLDERS = [HERE, HERE.parents[1] / "tools" / "python" / "tests"]


class Result(unittest.TextTestResult):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = 0

    def startTest(self, test):
        self.started = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def stopTest(self, test):
        super().stopTest(test)
        print(f"    {time.monotonic() - self.started:.1f} s", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--queries", "--count", type=int, dest="count")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    sys.path[:0] = map(str, FOLDERS)
    known = sorted(
        path.stem.removeprefix("test_") for folder in FOLDERS for path in folder.glob("test_*.py"))
    for name in options.names:
        if name not in known:
            sys.exit(f"no suite {name}; there are {', '.join(known)}")
    if options.seed is not None or options.count is not None:
        import differential
        differential.configure(options.seed, options.count)
    programs = [str(Path(os.environ["BIN_PATH"]) / name) for name in ("stoad", "stoa")]
    if user.can_be_root and not user.can_read([*programs, str(HERE / "run.py")]):
        if user.COPY in os.environ:
            sys.exit("an ordinary user cannot read what is in /tmp")
        sys.exit(user.run_elsewhere(programs))
    leave = user.become_ordinary()
    try:
        names = options.names or [name for name in known if name not in BY_NAME]
        failed = run_suites(names, options.report)
    finally:
        leave()
    sys.exit(0 if failed == 0 else 1)


def run_suites(names, report):
    """Runs them and writes the report; returns how many tests failed."""
    loader = unittest.TestLoader()
    suite = unittest.TestSuite(
        loader.loadTestsFromName(f"test_{name}") for name in names)
    result = unittest.TextTestRunner(verbosity=2, resultclass=Result).run(suite)
    failed = len(result.failures) + len(result.errors) + len(result.unexpectedSuccesses)
    # A skipped test is a promise that was not checked.
    failed += len(result.skipped)
    if report:
        with user.as_root() if user.can_be_root else contextlib.nullcontext():
            Path(report).write_text(f"{result.passed} {failed}\n")
    return failed


if __name__ == "__main__":
    main()
