# SPDX-License-Identifier: GPL-2.0-only
"""Shared by the tests: the recorded files, a second reader of them, and running nyxctl.

settings.program is the nyxctl to test, and settings.seed the seed of random tests.
"""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import types

NYXCTL = pathlib.Path(__file__).resolve().parent.parent
RECORDED = NYXCTL / "recorded"
VENDORS = ("intel", "amd")
TABLES = ("units", "devices", "domains", "interrupts", "faults", "quarantine")
# The types of the columns in Documentation/debugfs.md. All others are texts.
INTEGERS = {"group", "domain", "domain_id", "faults", "devices", "iova_bits", "phys_bits",
            "domain_ids", "max_domain_id", "intr_entries", "intr_used", "flush_page",
            "flush_domain", "flush_global", "flush_entry", "flush_device", "flush_intr",
            "write_buffer", "waits", "flush_errors", "overflows", "index", "irq", "updates",
            "mapped_bytes", "map_calls", "map_bytes", "unmap_calls", "unmap_bytes",
            "table_pages", "seq", "suppressed", "episode"}
FRACTIONS = {"time_s", "duration_s"}
TEXTS = {"vendor", "explanation", "reason"}
settings = types.SimpleNamespace(program=None, seed=0)


def run(*args, folder=RECORDED / "intel", sysfs=RECORDED / "sysfs", before=()):
    """Runs nyxctl on the files in a folder, as an argument of the command before, if any.

    Returns its exit code and what it printed.
    """
    process = subprocess.run(
        [*before, settings.program, f"--debugfs={folder}", f"--sysfs={sysfs}", *args],
        capture_output=True, text=True, timeout=60, check=False)
    return process.returncode, process.stdout, process.stderr


def run_as_nobody(*args, folder):
    """The same without root, who alone may be able to enter this checkout."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        shutil.copy(settings.program, f"{place}/nyxctl")
        shutil.copytree(RECORDED / "sysfs", f"{place}/sysfs")
        subprocess.run(["chmod", "-R", "a+rX", place], check=True)
        process = subprocess.run(
            [f"{place}/nyxctl", f"--debugfs={folder}", f"--sysfs={place}/sysfs", *args],
            capture_output=True, text=True, timeout=60, user=65534, group=65534,
            check=False, cwd="/")
    return process.returncode, process.stdout, process.stderr


def read_table(path):
    """Reads a table: a list of rows, each a dictionary of strings."""
    lines = path.read_text().splitlines()
    columns = lines[0].split()
    rows = []
    for line in lines[1:]:
        cells = line.split(None, len(columns) - 1)
        cells[-1] = cells[-1].rstrip()
        rows.append(dict(zip(columns, cells)))
    return rows


def as_json(column, cell):
    if cell == "-":
        return None
    if column in INTEGERS:
        return int(cell)
    if column in FRACTIONS:
        return float(cell)
    return in_words(cell) if column in TEXTS else cell


def in_words(cell):
    """Blanks for underscores, but not in the names of functions, modules and parameters."""
    parts = re.split(r"(?<=_by_)([^+]*)(?=\+0x)|(\[.*\])|((?:adopt_interrupts|intr_entries)=)",
                     cell)
    return "".join(part if i % 4 else part.replace("_", " ")
                   for i, part in enumerate(parts) if part)


def recorded_tables():
    return [(RECORDED / vendor, name) for vendor in VENDORS for name in TABLES]


def write_table(path, rows):
    """Writes a table that read_table() reads. The rows have the same columns."""
    lines = [" ".join(rows[0])] + [" ".join(row.values()) for row in rows]
    path.write_text("\n".join(lines) + "\n")


class States:
    """Copies of the recorded files, one of which is current: the folder given to nyxctl."""

    def __init__(self, vendor="intel"):
        self.place = pathlib.Path(tempfile.mkdtemp())
        self.vendor = vendor
        self.current = self.place / "current"
        self.add("first")
        self.switch("first")

    def add(self, name, source=None):
        """Copies the recorded files, or another state, and returns the folder."""
        shutil.copytree(self.place / source if source else RECORDED / self.vendor,
                        self.place / name)
        return self.place / name

    def change(self, name, table, change):
        """Changes the rows of a table of a state by a function."""
        rows = read_table(self.place / name / table)
        change(rows)
        write_table(self.place / name / table, rows)

    def switch(self, name):
        """Makes a state current, without a moment at which there is none."""
        link = self.place / "next"
        link.symlink_to(name)
        link.rename(self.current)

    def remove(self):
        shutil.rmtree(self.place)
