#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of nyxctl on files that the module has written on the test machine.

The expected values come from a second reader of these files: see tests/common.py.
Usage: test.py PROGRAM [--seed N] [--only NAME]
"""
import argparse
import os
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "tests"))

from common import settings  # pylint: disable=wrong-import-position


class Counter(unittest.TextTestResult):
    """Prints a line for each test."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        Counter.passed += 1
        print(f"ok {test.id()}")


def run_all(pattern):
    loader = unittest.TestLoader()
    loader.testNamePatterns = [f"*{pattern}*"]
    suite = loader.discover(HERE / "tests")
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=Counter).run(suite)
    if not Counter.passed and not result.failures and not result.errors:
        sys.exit(f"test.py: no test has {pattern} in its name")
    return len(result.failures) + len(result.errors)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the nyxctl to test")
    parser.add_argument("--seed", type=int, default=1, help="seed of random tests")
    parser.add_argument("--only", default="", help="part of the names of the tests to run")
    arguments = parser.parse_args()
    settings.program, settings.seed = os.path.abspath(arguments.program), arguments.seed
    with tempfile.NamedTemporaryFile("w", suffix=".lsan") as leaks:
        # libpci does not free what it needs to look up an ID that is in no database.
        leaks.write("leak:libpci.so\nleak:libudev.so\n")
        leaks.flush()
        os.chmod(leaks.name, 0o644)
        os.environ["LSAN_OPTIONS"] = f"suppressions={leaks.name}:print_suppressions=0"
        os.environ["ASAN_OPTIONS"] = "exitcode=99"
        failed = run_all(arguments.only)
    print(f"{Counter.passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
