#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Reports what the rows "bench" of the test machine measured.

Usage: bench.py CASES OUT.json COMMIT QEMU RELEASE...   write OUT.json and print a table
       bench.py --compare OLD.json NEW.json             what became slower; exit 1 if something did
       bench.py --ratios NEW.json                       lines for scripts/guest/bench.ratios

CASES is the folder with the results of the rows, with a folder for each kernel.
"""
import json
import math
import pathlib
import re
import sys

# More instructions than this, relative to before, count as slower.
TOLERANCE = 1.02
VENDORS = {"intel": "", "amd": "amd-"}


def read_figures(path):
    """The figures of a row by name."""
    return {name: int(value) for name, value in
            (line.split() for line in path.read_text(encoding="ascii").splitlines())}


def collect(cases, releases):
    """Runs, by kernel and vendor: the names, and what each driver and the floor executes."""
    runs = {}
    for release in releases:
        short = re.match(r"\d+\.\d+", release)[0]
        for vendor, prefix in VENDORS.items():
            ours = read_figures(cases / short / f"{prefix}bench" / "figures")
            theirs = read_figures(cases / short / f"{prefix}bench-builtin" / "figures")
            runs[f"{short} {vendor}"] = {
                name: {"nyx": value, "builtin": theirs[name],
                       "floor": ours.get(f"floor-{name}")}
                for name, value in ours.items() if not name.startswith("floor-")}
    return runs


def ratio(figure):
    """Instructions of the module relative to those of the built-in driver."""
    return figure["nyx"] / figure["builtin"]


def mean(ratios):
    """The geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def print_table(runs):
    """A line for each figure, with three columns for each run."""
    names = list(dict.fromkeys(name for run in runs.values() for name in run))
    width = max(map(len, names))
    print(" " * width + "".join(f"  {name:>22}" for name in runs))
    print(" " * width + f"  {'nyx':>8} {'ratio':>5} {'floor':>7}" * len(runs))
    for name in names:
        line = f"{name:<{width}}"
        for run in runs.values():
            figure = run.get(name)
            if figure:
                floor = "-" if figure["floor"] is None else figure["floor"]
                line += f"  {figure['nyx']:>8} {ratio(figure):5.2f} {floor:>7}"
            else:
                line += " " * 24
        print(line)
    ratios = [ratio(figure) for run in runs.values() for figure in run.values()]
    print(f"\n{len(ratios)} figures: geometric mean of the ratios {mean(ratios):.2f}, "
          f"worst {max(ratios):.2f}")


def compare(old, new):
    """Prints what became slower. Returns whether something did."""
    slower = 0
    for run, figures in new["runs"].items():
        for name, figure in figures.items():
            before = old["runs"].get(run, {}).get(name)
            if before and figure["nyx"] > before["nyx"] * TOLERANCE:
                print(f"slower: {run}: {name}: {before['nyx']} -> {figure['nyx']}")
                slower += 1
    print(f"{slower} figures became slower since {old['commit']}")
    return slower > 0


def main(arguments):
    """See above."""
    if arguments[:1] == ["--compare"]:
        old, new = (json.loads(pathlib.Path(path).read_text(encoding="ascii"))
                    for path in arguments[1:])
        return compare(old, new)
    if arguments[:1] == ["--ratios"]:
        new = json.loads(pathlib.Path(arguments[1]).read_text(encoding="ascii"))
        for run, figures in new["runs"].items():
            for name, figure in figures.items():
                print(f"{run} {name} {ratio(figure):.3f}")
        return 0
    cases, out, commit, qemu, *releases = arguments
    runs = collect(pathlib.Path(cases), releases)
    result = {"commit": commit, "qemu": qemu, "kernels": releases, "unit": "instructions",
              "runs": runs}
    pathlib.Path(out).write_text(json.dumps(result, indent=1) + "\n", encoding="ascii")
    print_table(runs)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
