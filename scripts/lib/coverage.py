#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Line coverage by file: coverage.py OBJECT-FOLDER SOURCE-FOLDER

Adds up gcov's counts of all objects, because several objects contain the same
header. Tests are not counted. Writes the lines that did not run to
OBJECT-FOLDER/missed."""

import collections
import json
import os
import subprocess
import sys


def runs(objects, sources):
    """Returns how often each line ran, as {file: {line: count}}."""
    lines = collections.defaultdict(collections.Counter)
    for folder, _, names in os.walk(objects):
        data = [name for name in names if name.endswith(".gcda")]
        if not data:
            continue
        out = subprocess.run(["gcov", "--json-format", "--stdout", *data],
                             cwd=folder, capture_output=True, check=True)
        for report in out.stdout.decode().splitlines():
            for file in json.loads(report)["files"]:
                path = os.path.realpath(os.path.join(folder, file["file"]))
                path = os.path.relpath(path, sources)
                if not path.startswith(("drivers/", "include/")):
                    continue
                for line in file["lines"]:
                    lines[path][line["line_number"]] += line["count"]
    return lines


def main():
    objects, sources = sys.argv[1:]
    lines = runs(objects, sources)
    if not lines:
        sys.exit("coverage.py: no coverage data below " + objects)
    all_ran = all_lines = 0
    with open(os.path.join(objects, "missed"), "w") as missed:
        for path, counts in sorted(lines.items()):
            ran = sum(1 for count in counts.values() if count)
            all_ran += ran
            all_lines += len(counts)
            print(f"{100 * ran / len(counts):5.1f} % of {len(counts):4} {path}")
            for line, count in sorted(counts.items()):
                if not count:
                    print(f"{path}:{line}", file=missed)
    print(f"{100 * all_ran / all_lines:5.1f} % of {all_lines:4} lines, all files")


main()
