#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Tests of nyxctl on files that the module has written on the test machine.

The expected values come from a second reader of these files, which is written here.
Usage: test.py PROGRAM [--seed N]
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

RECORDED = pathlib.Path(__file__).resolve().parent / "recorded"
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
COPIES = 60
program = None
seed = 0


def run(*args, folder=RECORDED / "intel", sysfs=RECORDED / "sysfs"):
    """Runs nyxctl on the files in a folder. Returns its exit code and what it printed."""
    process = subprocess.run(
        [program, f"--debugfs={folder}", f"--sysfs={sysfs}", *args],
        capture_output=True, text=True, timeout=60, check=False)
    return process.returncode, process.stdout, process.stderr


def run_as_nobody(*args, folder):
    """The same without root, who alone may be able to enter this checkout."""
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        shutil.copy(program, f"{place}/nyxctl")
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
    """Blanks for underscores, but not in the names of functions and modules."""
    parts = re.split(r"(?<=_by_)([^+]*)(?=\+0x)|(\[.*\])", cell)
    return "".join(part if i % 3 else part.replace("_", " ")
                   for i, part in enumerate(parts) if part)


def recorded_tables():
    return [(RECORDED / vendor, name) for vendor in VENDORS for name in TABLES]


class Shows(unittest.TestCase):
    """The commands that show the module's tables."""

    def test_recorded_tables_have_rows(self):
        for folder, name in recorded_tables():
            self.assertGreater(len(read_table(folder / name)), 0, (folder, name))

    def test_json(self):
        for folder, name in recorded_tables():
            code, out, err = run("--json", name, folder=folder)
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(json.loads(out), [
                {c: as_json(c, cell) for c, cell in row.items()}
                for row in read_table(folder / name)])

    def test_all_columns(self):
        for folder, name in recorded_tables():
            _, out, _ = run("--wide", name, folder=folder)
            rows = read_table(folder / name)
            lines = out.splitlines()
            self.assertEqual(lines[0].split(), list(rows[0]))
            for line, row in zip(lines[1:], rows):
                cells = [in_words(c) if n in TEXTS else c for n, c in row.items()
                         if n != "mapped_bytes"]
                rest = line
                for cell in cells:
                    self.assertIn(cell, rest)
                    rest = rest[rest.index(cell) + len(cell):]

    def test_columns_are_aligned(self):
        """Each column of a person's table begins or ends at the same place in each row."""
        for folder, name in recorded_tables():
            _, out, _ = run("--no-header", name, folder=folder)
            lines = out.splitlines()
            width = max(map(len, lines))
            blank = [all(x >= len(l) or l[x] == " " for l in lines) for x in range(width)]
            columns = sum(1 for x in range(1, width) if blank[x - 1] and not blank[x])
            self.assertGreaterEqual(columns, 4, out)
            self.assertFalse(any(line.endswith(" ") for line in lines))

    def test_no_header(self):
        for folder, name in recorded_tables():
            _, out, _ = run("--no-header", name, folder=folder)
            self.assertEqual(len(out.splitlines()), len(read_table(folder / name)))

    def test_totals(self):
        for vendor in VENDORS:
            rows = read_table(RECORDED / vendor / "devices")
            managed = sum(r["managed"] == "yes" for r in rows)
            waiting = sum(r["managed"] == "waiting" for r in rows)
            off = sum(r["state"] in ("QUARANTINED", "DISABLED") for r in rows)
            _, out, _ = run("devices", folder=RECORDED / vendor)
            self.assertEqual(out.splitlines()[-1],
                             f"{len(rows)} devices: {managed} managed, "
                             f"{waiting} waiting for an unbind, {off} cut off")

    def test_names_of_functions_stay(self):
        _, out, _ = run("--json", "faults")
        self.assertIn("by edu_unmap_buffer.isra.0+0x", out)
        self.assertIn("[nyx_stray_test]", out)

    def test_unknown_device(self):
        for command in ("devices", "faults", "quarantine", "interrupts"):
            code, out, err = run(command, "0000:ff:1f.7")
            self.assertEqual((code, out), (5, ""))
            self.assertIn("no unit serves 0000:ff:1f.7", err)

    def test_short_name(self):
        """The names of lspci and of the kernel are the same device."""
        self.assertEqual(run("devices", "1:0.0"), run("devices", "0000:01:00.0"))

    def test_one_device(self):
        rows = read_table(RECORDED / "intel" / "devices")
        device = rows[-1]["device"]
        _, out, _ = run("--json", "devices", device)
        self.assertEqual([r["device"] for r in json.loads(out)], [device])

    def test_names(self):
        """The names come from the PCI ID database, by the IDs in sysfs."""
        _, out, _ = run("devices")
        line = next(l for l in out.splitlines() if l.startswith("0000:01:00.0"))
        ids = RECORDED / "sysfs/bus/pci/devices/0000:01:00.0"
        vendor = ids.joinpath("vendor").read_text().strip()[2:]
        database = pathlib.Path("/usr/share/misc/pci.ids").read_text()
        name = re.search(rf"^{vendor}  (.*)$", database, re.M).group(1)
        self.assertIn(name, line)

    def test_colour(self):
        _, plain, _ = run("devices")
        _, coloured, _ = run("--color=always", "devices")
        self.assertNotIn("\033", plain)
        self.assertEqual(re.sub(r"\033\[\d*m", "", coloured), plain)
        self.assertIn("\033[31mDISABLED\033[0m", coloured)

    def test_terminal(self):
        """On a terminal no line is longer than the terminal is wide."""
        out = subprocess.run(
            ["script", "-qc", f"stty cols 80; {program} --debugfs={RECORDED}/intel "
             f"--sysfs={RECORDED}/sysfs devices", "/dev/null"],
            capture_output=True, text=True, timeout=60, check=True).stdout
        lines = [re.sub(r"\033\[\d*m", "", l) for l in out.replace("\r", "").splitlines()]
        self.assertGreater(len(lines), 10)
        self.assertEqual(max(map(len, lines)), 80)
        self.assertIn("\033[", out)


class Status(unittest.TestCase):
    """The command status."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        shutil.copytree(RECORDED / "intel", self.folder, dirs_exist_ok=True)

    def tearDown(self):
        shutil.rmtree(self.folder)

    def change(self, name, row, **cells):
        rows = read_table(self.folder / name)
        rows[row].update(cells)
        lines = [" ".join(rows[0])] + [" ".join(r.values()) for r in rows]
        self.folder.joinpath(name).write_text("\n".join(lines) + "\n")

    def make_healthy(self):
        for row, device in enumerate(read_table(self.folder / "devices")):
            self.change("devices", row, state="ACTIVE",
                        managed="yes" if device["managed"] == "yes" else "no")

    def status(self):
        code, out, err = run("--json", "status", folder=self.folder)
        self.assertEqual(err, "")
        return code, json.loads(out)

    def test_healthy(self):
        self.make_healthy()
        code, state = self.status()
        self.assertEqual((code, state["attention"]), (0, []))
        _, out, _ = run("status", folder=self.folder)
        self.assertIn("nothing needs attention", out)

    def test_counts(self):
        _, state = self.status()
        domains = read_table(self.folder / "domains")
        self.assertEqual(state["mapped_bytes"], sum(int(d["mapped_bytes"]) for d in domains))
        self.assertEqual(state["domains"], len(domains))
        self.assertEqual(state["faults"],
                         sum(int(u["faults"]) for u in read_table(self.folder / "units")))

    def test_attention(self):
        for table, cells, word in (
                ("units", {"state": "dead"}, "out of service"),
                ("units", {"state": "off"}, "does not translate"),
                ("units", {"intr": "off"}, "does not remap"),
                ("units", {"compat": "allowed"}, "VFIO refuses"),
                ("units", {"overflows": "2"}, "2 times"),
                ("units", {"flush_errors": "1"}, "1 invalidation:"),
                ("devices", {"state": "QUARANTINED"}, "nyxctl reset 0000:"),
                ("devices", {"state": "DISABLED"}, "nyxctl reset 0000:"),
                ("devices", {"entry": "isolated"}, "nyxctl reset 0000:"),
                ("devices", {"ats": "lost"}, "lost ATS"),
                ("devices", {"managed": "waiting"}, "unbound")):
            with self.subTest(table=table, cells=cells):
                self.tearDown()
                self.setUp()
                self.make_healthy()
                self.change(table, 0, **cells)
                code, state = self.status()
                self.assertEqual(code, 1)
                self.assertEqual(len(state["attention"]), 1)
                self.assertIn(word, state["attention"][0])

    def test_one_error_is_one_line(self):
        self.folder.joinpath("domains").unlink()
        code, _, err = run("status", folder=self.folder)
        self.assertEqual(code, 3)
        self.assertEqual(len(err.splitlines()), 1)


class Uses(unittest.TestCase):
    """assign refuses a device that the machine uses, on machines made of a few files.

    Where nothing uses the device, it fails later, because such a machine has no drivers.
    """

    DEVICE = "0000:01:00.0"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.sys = self.folder / "sys"
        self.device = self.sys / "devices/pci0000:00" / self.DEVICE
        self.put(self.device / "config", "\0" * 256)
        self.put(self.device / "class", "0x010802\n")
        self.link(self.sys / "bus/pci/devices" / self.DEVICE, self.device)
        self.put(self.folder / "proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
        self.put(self.folder / "proc/swaps", "Filename Type Size Used Priority\n")
        self.put(self.folder / "proc/net/route", "Iface Destination\nwlan0 00000000\n")

    def tearDown(self):
        shutil.rmtree(self.folder)

    @staticmethod
    def put(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    @staticmethod
    def link(path, target):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def disk(self, path, number, partition=None):
        """Adds a block device. The numbers are those of no device of the host."""
        self.put(path / "dev", number + "\n")
        (path / "holders").mkdir()
        if partition:
            self.put(path / "partition", partition + "\n")
        self.link(self.sys / "class/block" / path.name, path)

    def interface(self, name):
        (self.device / "net" / name).mkdir(parents=True)
        self.link(self.sys / "class/net" / name, self.device / "net" / name)

    def uses(self, *options):
        code, out, err = run(f"--procfs={self.folder}/proc", "assign", "--yes", *options,
                             self.DEVICE, sysfs=self.sys)
        self.assertEqual((code, out), (5, ""))
        used = "nyxctl: the machine uses a device; see --force" in err
        self.assertNotEqual(used, "this kernel has no driver vfio-pci" in err, err)
        uses = re.findall(r"^  in use: (.*)$", err, re.M)
        self.assertEqual(used, bool(uses) and "--force" not in options, err)
        return uses

    def test_unused(self):
        self.disk(self.device / "nvme/nvme0/nvme0n1", "1000:0")
        self.interface("eth9")
        self.assertEqual(self.uses(), [])

    def test_mounted_partition(self):
        disk = self.device / "nvme/nvme0/nvme0n1"
        self.disk(disk, "1000:0")
        self.disk(disk / "nvme0n1p1", "1000:1", "1")
        self.put(self.folder / "proc/self/mountinfo",
                 "22 1 1000:1 / /home rw - ext4 /dev/x rw\n")
        self.assertEqual(self.uses(), ["nvme0n1p1 is mounted at /home"])
        self.assertEqual(self.uses("--force"), ["nvme0n1p1 is mounted at /home"])

    def test_swap(self):
        self.disk(self.device / "ata1/block/sdz", "1000:0")
        self.put(self.folder / "proc/swaps", "Filename\n/dev/sdz partition 1 0 -2\n")
        self.assertEqual(self.uses(), ["sdz is used for swapping"])

    def test_raid(self):
        self.disk(self.device / "ata1/block/sdz", "1000:0")
        array = self.sys / "devices/virtual/block/md9"
        self.disk(array, "1001:0")
        self.link(self.device / "ata1/block/sdz/holders/md9", array)
        self.put(self.folder / "proc/self/mountinfo", "22 1 1001:0 / /srv rw - xfs x rw\n")
        self.assertEqual(self.uses(), ["sdz is part of md9", "md9 is mounted at /srv"])

    def test_multipath(self):
        """The disk is below the subsystem, not below the controller."""
        subsystem = self.sys / "devices/virtual/nvme-subsystem/nvme-subsys0"
        (self.device / "nvme/nvme0").mkdir(parents=True)
        self.disk(subsystem / "nvme0n1", "1000:0")
        self.link(self.sys / "class/nvme-subsystem/nvme-subsys0", subsystem)
        self.link(subsystem / "nvme0", self.device / "nvme/nvme0")
        (self.device / "nvme/nvme0/nvme0c0n1").mkdir()
        self.put(self.folder / "proc/self/mountinfo", "22 1 1000:0 / / rw - xfs x rw\n")
        # The link leads to the controller itself, and the module's folder is above it.
        self.assertEqual(self.uses(), ["nvme0n1 is mounted at /"])

    def test_network(self):
        self.interface("eth9")
        self.put(self.folder / "proc/net/route", "Iface Destination\neth9 00000000\n")
        self.assertEqual(self.uses(), ["eth9 has a network route"])

    def test_bridge_port(self):
        self.interface("eth9")
        (self.device / "net/eth9/upper_br0").mkdir()
        self.assertEqual(self.uses(), ["eth9 is part of br0"])

    def test_virtual_functions(self):
        self.put(self.device / "sriov_numvfs", "2\n")
        self.assertEqual(self.uses(), ["it has 2 virtual functions"])

    def test_console(self):
        self.put(self.device / "boot_vga", "1\n")
        self.assertEqual(self.uses(), ["it shows the console"])

    def test_keyboard(self):
        keyboard = self.device / "usb1/1-1/1-1:1.0/input/input7"
        self.put(keyboard / "name", "A Keyboard\n")
        self.link(self.sys / "class/input/input7", keyboard)
        self.assertEqual(self.uses(), ["A Keyboard is connected to it"])

    def test_process(self):
        """A process has opened a file with the numbers of a device."""
        self.put(self.device / "drm/card0/dev", "1:3\n")
        process = self.folder / "proc/812"
        self.put(process / "comm", "my\033[1m X\n")
        self.link(process / "fd/5", "/dev/null")
        self.assertEqual(self.uses(), ["process 812:my__1m_X has opened /dev/null"])

    def test_bridge(self):
        self.put(self.device / "config", "\0" * 14 + "\1" + "\0" * 241)
        _, _, err = run("assign", "--yes", self.DEVICE, sysfs=self.sys)
        self.assertIn("is a bridge: name the devices below it", err)


class Checks(unittest.TestCase):
    """The command check, on machines that are described by a few files."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.put("sys/firmware/acpi/tables/DMAR", "")
        self.put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")
        self.put("proc/cmdline", "root=/dev/sda intel_iommu=off intremap=off quiet\n")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def put(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def check(self):
        code, out, err = run("--json", f"--procfs={self.folder}/proc", "check",
                             sysfs=self.folder / "sys")
        self.assertEqual(err, "")
        return code, {f["check"]: f for f in json.loads(out)}

    def test_good(self):
        code, findings = self.check()
        self.assertEqual(code, 0)
        for name in ("firmware", "parameters", "driver", "lockdown"):
            self.assertEqual((findings[name]["result"], findings[name]["remedy"]),
                             ("good", None))

    def test_bad(self):
        for name, text, check, remedy in (
                ("proc/cmdline", "intel_iommu=on intremap=off", "parameters", "intel_iommu=off"),
                ("proc/cmdline", "intel_iommu=off", "parameters", "boot with intremap=off"),
                ("proc/cmdline", "intel_iommu=off,sm_on intremap=off xintremap=off "
                 "intremap=on", "parameters", "boot with intremap=off"),
                ("proc/cmdline", "intel_iommu=offline intremap=off", "parameters",
                 "intel_iommu=off"),
                ("sys/firmware/acpi/tables/IVRS", "", "parameters", "amd_iommu=off"),
                ("sys/class/iommu/dmar0", "", "driver", "disable that driver")):
            with self.subTest(name=name, text=text):
                self.tearDown()
                self.setUp()
                self.put(name, text)
                code, findings = self.check()
                self.assertEqual((code, findings[check]["result"]), (1, "bad"))
                self.assertIn(remedy, findings[check]["remedy"])

    def test_no_unit(self):
        self.folder.joinpath("sys/firmware/acpi/tables/DMAR").unlink()
        code, findings = self.check()
        self.assertEqual((code, findings["firmware"]["result"]), (1, "bad"))

    def test_own_units(self):
        self.put("sys/class/iommu/vtd0", "")
        self.assertEqual(self.check()[1]["driver"]["result"], "good")

    def test_locked_down(self):
        self.put("sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
        code, findings = self.check()
        self.assertEqual((code, findings["lockdown"]["result"]), (0, "note"))


class Explains(unittest.TestCase):
    """The command explain."""

    def test_each_fault(self):
        for vendor in VENDORS:
            for row in read_table(RECORDED / vendor / "faults"):
                with self.subTest(vendor=vendor, fault=row["seq"]):
                    code, out, err = run("--json", "explain", row["seq"],
                                         folder=RECORDED / vendor)
                    fault = json.loads(out)
                    self.assertEqual((code, err), (0, ""))
                    self.assertEqual(str(fault["seq"]), row["seq"])
                    self.assertTrue(fault["cause"] and fault["remedy"])

    def test_causes(self):
        """Each kind of mistake that the test driver makes has its own cause."""
        words = {"never mapped": "never mapped this address",
                 "mapped in domain": "valid for another device",
                 "past the end of": "past the end of a buffer",
                 "mapped read-only": "mapped the buffer for reading",
                 "unmapped ": "after the driver had unmapped it",
                 "physical address of": "gave the device a physical address"}
        faults = read_table(RECORDED / "intel" / "faults")
        for known, cause in words.items():
            with self.subTest(known=known):
                row = next(f for f in faults if known in f["explanation"].replace("_", " "))
                _, out, _ = run("--json", "explain", row["seq"])
                self.assertIn(cause, json.loads(out)["cause"])

    def test_last(self):
        last = read_table(RECORDED / "intel" / "faults")[-1]["seq"]
        _, out, _ = run("--json", "explain")
        self.assertEqual(str(json.loads(out)["seq"]), last)

    def test_lines_fit(self):
        for row in read_table(RECORDED / "intel" / "faults"):
            _, out, _ = run("explain", row["seq"])
            text = out.split("history")[0].splitlines()
            self.assertTrue(all(len(l) <= 80 or " " not in l.strip() for l in text), out)

    def test_absent(self):
        code, out, err = run("explain", "99999")
        self.assertEqual((code, out), (5, ""))
        self.assertEqual(err, "nyxctl: there is no fault 99999; see nyxctl faults\n")


class Controls(unittest.TestCase):
    """The commands that write. Refusals by the module are tested on the test machine."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        for name in ("disable", "reset", "policy", "forensics"):
            self.folder.joinpath(name).write_text("")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def written(self, name, *args):
        self.folder.joinpath(name).write_text("")
        code, out, err = run(*args, folder=self.folder)
        self.assertEqual((code, out, err), (0, "", ""))
        return self.folder.joinpath(name).read_text()

    def test_commands(self):
        device = "0000:00:05.0"
        self.assertEqual(self.written("disable", "disable", device), device)
        self.assertEqual(self.written("reset", "reset", device), device)
        self.assertEqual(self.written("policy", "policy", "set", device, "action=log",
                                      "window=5"), f"{device} action=log window=5")
        self.assertEqual(self.written("policy", "policy", "set", "0:5.0", "action=log"),
                         f"{device} action=log")
        self.assertEqual(self.written("forensics", "forensics", "hunt", "00:05.0"),
                         f"{device} hunt")
        self.assertEqual(self.written("forensics", "forensics", "on", device),
                         f"{device} on")
        self.assertEqual(self.written("forensics", "forensics", "off"), "all off")


class Errors(unittest.TestCase):
    """Wrong arguments, a module that is absent, and missing permission."""

    def test_usage(self):
        for args in ((), ("frobnicate",), ("units", "x"), ("reset",), ("disable",),
                     ("policy", "set", "0000:00:05.0"), ("policy", "put"),
                     ("--color=blue", "units"), ("--frob", "units"),
                     ("faults", "--frob"), ("faults", "--follow", "0000:00:05.0"),
                     ("explain", "1", "2")):
            with self.subTest(args=args):
                code, out, err = run(*args)
                self.assertEqual((code, out), (2, ""))
                self.assertNotEqual(err, "")

    def test_help(self):
        for command in ("units", "reset", "faults", "policy"):
            code, out, err = run(command, "--help")
            self.assertEqual((code, err), (0, ""))
            self.assertTrue(out.startswith(f"Usage: nyxctl {command}"))

    def test_absent(self):
        for name in TABLES + ("status", "explain"):
            with self.subTest(command=name):
                code, out, err = run(name, folder="/nowhere", sysfs="/nowhere")
                self.assertEqual((code, out), (3, ""))
                self.assertEqual(err, "nyxctl: the module is not loaded; "
                                      "run: modprobe nyx_iommu\n")

    def test_permission(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            path.chmod(0o755)
            path.joinpath("units").write_text("unit\n")
            path.joinpath("units").chmod(0o400)
            path.joinpath("reset").write_text("")
            path.joinpath("reset").chmod(0o200)
            for args in (("units",), ("reset", "0000:00:05.0")):
                code, out, err = run_as_nobody(*args, folder=folder)
                self.assertEqual((code, out), (4, ""))
                self.assertIn("needs root", err)

    def test_status_without_root(self):
        """What sysfs has is shown to everybody."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder)
            path.chmod(0o755)
            path.joinpath("units").write_text("unit\n")
            path.joinpath("units").chmod(0o400)
            code, out, err = run_as_nobody("status", folder=folder)
            self.assertEqual(code, 4)
            self.assertIn("needs root", err)
            self.assertIn("0000:01:00.0 is QUARANTINED", out)

    def test_full_disk(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            process = subprocess.run([program, f"--debugfs={RECORDED}/intel", "units"],
                                     stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(process.returncode, 5)


class Follows(unittest.TestCase):
    """faults --follow prints each fault once."""

    def test_follow(self):
        lines = RECORDED.joinpath("intel", "faults").read_text().splitlines()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "faults"

            def put(text):
                part = path.with_suffix(".part")
                part.write_text(text)
                part.rename(path)

            put("\n".join(lines[:3]) + "\n")
            with subprocess.Popen([program, f"--debugfs={folder}", "--json", "faults",
                                   "--follow"], stdout=subprocess.PIPE, text=True) as process:
                got = [json.loads(process.stdout.readline())["seq"] for _ in range(2)]
                put("\n".join(lines[:5]) + "\n")
                got += [json.loads(process.stdout.readline())["seq"] for _ in range(2)]
                time.sleep(1.5)
                process.send_signal(signal.SIGTERM)
                rest = process.stdout.read()
        self.assertEqual(got, [int(l.split()[0]) for l in lines[1:5]])
        self.assertEqual(rest, "")


class Broken(unittest.TestCase):
    """Files that the module would never write neither crash nor stop the tool."""

    def test_broken_copies(self):
        print(f"broken copies: --seed {seed}", file=sys.stderr)
        source = random.Random(seed)
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(RECORDED / "intel", folder, dirs_exist_ok=True)
            for copy in range(COPIES):
                name = source.choice(TABLES + ("vtd0/entries", "domain-2/history"))
                good = RECORDED.joinpath("intel", name).read_bytes()
                bad = bytearray(good[:source.randrange(len(good) + 1)])
                for _ in range(source.randrange(8)):
                    if bad:
                        bad[source.randrange(len(bad))] = source.choice(
                            b"\0\n \t-_x9\xff%")
                path = pathlib.Path(folder) / name
                path.write_bytes(bad)
                for args in ((name,), ("--json", name), ("--wide", name), ("status",),
                             ("explain",), ("--json", "explain")):
                    if "/" in args[-1]:
                        continue
                    process = subprocess.run(
                        [program, f"--debugfs={folder}", f"--sysfs={RECORDED}/sysfs", *args],
                        capture_output=True, timeout=60, check=False)
                    self.assertIn(process.returncode, range(6),
                                  (copy, args, process.stderr[-2000:]))
                    self.assertNotIn(b"no memory", process.stderr)
                    if process.returncode == 0 and args[0] == "--json":
                        json.loads(process.stdout)
                path.write_bytes(good)


class Documents(unittest.TestCase):
    """Help, manual page and completions name the same commands and options."""

    def setUp(self):
        _, out, _ = run("--help")
        self.help = out
        self.commands = re.findall(r"^  ([a-z]+)(?: .*)?\n      ", out, re.M)
        self.options = re.findall(r"^  (--[a-z-]+)", out, re.M)
        self.here = pathlib.Path(__file__).resolve().parent

    def test_manual(self):
        page = self.here.joinpath("nyxctl.8").read_text()
        self.assertGreater(len(self.commands), 10)
        for command in self.commands:
            self.assertRegex(page, rf"\.It Cm {command}\b")
        for option in self.options:
            self.assertRegex(page, rf"\.It Fl {option[1:]}\b")
        for code in range(6):
            self.assertRegex(page, rf"\n\.It {code}\n")

    def test_manual_is_well_formed(self):
        process = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                                  self.here / "nyxctl.8"],
                                 capture_output=True, text=True, check=False)
        self.assertEqual((process.returncode, process.stdout), (0, ""))

    def test_completion(self):
        script = (f". {self.here}/completion.bash; COMP_WORDS=(nyxctl ''); COMP_CWORD=1; "
                  "_nyxctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
        words = subprocess.run(["bash", "-c", script], capture_output=True, text=True,
                               check=True).stdout.split()
        self.assertEqual({w.rstrip("=") for w in words},
                         set(self.commands) | set(self.options))
        zsh = self.here.joinpath("_nyxctl").read_text()
        commands = re.search(r"commands=\(([^)]*)\)", zsh).group(1).split()
        self.assertEqual(commands, self.commands)


class Installs(unittest.TestCase):
    """The commands of README.md build and install the tool."""

    def test_install(self):
        here = pathlib.Path(__file__).resolve().parent
        readme = here.parent.parent.joinpath("README.md").read_text()
        self.assertIn("make -C scripts/nyxctl install\n", readme)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["make", "-s", "-C", here, f"OUT={folder}",
                            f"DESTDIR={folder}/root", "install"], check=True, timeout=300)
            root = pathlib.Path(folder) / "root/usr"
            code = subprocess.run([root / "sbin/nyxctl", "--help"], check=False,
                                  stdout=subprocess.DEVNULL).returncode
            self.assertEqual(code, 0)
            for name in ("share/man/man8/nyxctl.8",
                         "share/bash-completion/completions/nyxctl",
                         "share/zsh/vendor-completions/_nyxctl"):
                self.assertTrue((root / name).is_file(), name)


class Counter(unittest.TextTestResult):
    """Prints a line for each test."""

    passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        Counter.passed += 1
        print(f"ok {test.id().removeprefix('__main__.')}")


def run_all():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules[__name__])
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=0, resultclass=Counter).run(suite)
    return len(result.failures) + len(result.errors)


def main():
    global program, seed
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="the nyxctl to test")
    parser.add_argument("--seed", type=int, default=1, help="seed of the broken copies")
    arguments = parser.parse_args()
    program, seed = os.path.abspath(arguments.program), arguments.seed
    with tempfile.NamedTemporaryFile("w", suffix=".lsan") as leaks:
        # libpci does not free what it needs to look up an ID that is in no database.
        leaks.write("leak:libpci.so\nleak:libudev.so\n")
        leaks.flush()
        os.chmod(leaks.name, 0o644)
        os.environ["LSAN_OPTIONS"] = f"suppressions={leaks.name}:print_suppressions=0"
        os.environ["ASAN_OPTIONS"] = "exitcode=99"
        failed = run_all()
    print(f"{Counter.passed} passed, {failed} failed")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
