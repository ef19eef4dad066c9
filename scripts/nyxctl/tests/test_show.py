# SPDX-License-Identifier: GPL-2.0-only
"""What the commands that show print."""
import json
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

from common import (RECORDED, TEXTS, VENDORS, as_json, in_words, read_table,
                    recorded_tables, run, settings)


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
            ["script", "-qc", f"stty cols 80; {settings.program} --debugfs={RECORDED}/intel "
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
            with subprocess.Popen([settings.program, f"--debugfs={folder}", "--json", "faults",
                                   "--follow"], stdout=subprocess.PIPE, text=True) as process:
                got = [json.loads(process.stdout.readline())["seq"] for _ in range(2)]
                put("\n".join(lines[:5]) + "\n")
                got += [json.loads(process.stdout.readline())["seq"] for _ in range(2)]
                time.sleep(1.5)
                process.send_signal(signal.SIGTERM)
                rest = process.stdout.read()
        self.assertEqual(got, [int(l.split()[0]) for l in lines[1:5]])
        self.assertEqual(rest, "")

    def test_follow_device(self):
        """Faults of other devices are left out, and do not end it."""
        lines = RECORDED.joinpath("intel", "faults").read_text().splitlines()
        other = lines[2].replace("0000:00:05.0", "0000:01:00.0")
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "faults"
            path.write_text("\n".join([lines[0], lines[1], other, *lines[3:5]]) + "\n")
            with subprocess.Popen([settings.program, f"--debugfs={folder}", "--json", "faults",
                                   "--follow", "0:5.0"], stdout=subprocess.PIPE,
                                  text=True) as process:
                got = [json.loads(process.stdout.readline())["seq"] for _ in range(3)]
                process.send_signal(signal.SIGTERM)
                rest = process.stdout.read()
        self.assertEqual(got, [int(lines[i].split()[0]) for i in (1, 3, 4)])
        self.assertEqual(rest, "")


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

    def test_without_address(self):
        """Some units do not report the address. The reason tells the cause then."""
        row = next(f for f in read_table(RECORDED / "amd" / "faults") if f["iova"] == "-"
                   and f["access"] == "unknown")
        _, out, _ = run("explain", row["seq"], folder=RECORDED / "amd")
        words = " ".join(out.split())
        self.assertIn("attempted to access an address that is not reported.", words)
        self.assertIn("used an address that is not mapped for it", words)

    def test_history(self):
        """The operations on the page of the fault, up to its time."""
        fault = next(f for f in read_table(RECORDED / "intel" / "faults")
                     if "unmapped_" in f["explanation"])
        page = int(fault["iova"], 16) & ~0xfff
        expected = [h["time_s"] for h in
                    read_table(RECORDED / "intel" / f"domain-{fault['domain']}" / "history")
                    if h["operation"] != "flush" and int(h["first_iova"], 16) < page + 4096
                    and int(h["last_iova"], 16) >= page
                    and float(h["time_s"]) <= float(fault["time_s"])][-5:]
        self.assertTrue(expected)
        _, out, _ = run("--json", "explain", fault["seq"])
        self.assertEqual([h["time_s"] for h in json.loads(out)["history"]],
                         [float(time) for time in expected])

    def test_incomplete_history(self):
        """Of a truncated history the complete rows count; an empty one is no error."""
        fault = next(f for f in read_table(RECORDED / "intel" / "faults")
                     if "unmapped_" in f["explanation"])
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(RECORDED / "intel", folder, dirs_exist_ok=True)
            path = pathlib.Path(folder, f"domain-{fault['domain']}", "history")
            text = path.read_text()
            _, out, _ = run("--json", "explain", fault["seq"], folder=folder)
            whole = json.loads(out)["history"]
            self.assertGreater(len(text.splitlines()) - 1, len(whole))
            # The row that is cut off would be one of those on the page.
            row = next(line for line in text.splitlines()[1:]
                       if float(line.split()[1]) == whole[-1]["time_s"])
            path.write_text(text[:text.index(row) + len(row)])
            code, out, err = run("--json", "explain", fault["seq"], folder=folder)
            self.assertEqual((code, err), (0, ""))
            self.assertEqual(json.loads(out)["history"], whole[:-1])
            _, out, _ = run("explain", fault["seq"], folder=folder)
            self.assertIn("the file is truncated", out)
            for text in (text.splitlines()[0] + "\n", text[:10], ""):
                path.write_text(text)
                code, out, err = run("--json", "explain", fault["seq"], folder=folder)
                self.assertEqual((code, err), (0, ""))
                self.assertEqual(json.loads(out)["history"], [])

    def test_last(self):
        last = read_table(RECORDED / "intel" / "faults")[-1]["seq"]
        _, out, _ = run("--json", "explain")
        self.assertEqual(str(json.loads(out)["seq"]), last)

    def test_lines_fit(self):
        for vendor in VENDORS:
            for row in read_table(RECORDED / vendor / "faults"):
                _, out, _ = run("explain", row["seq"], folder=RECORDED / vendor)
                text = out.split("history")[0].splitlines()
                self.assertLessEqual(max(map(len, text)), 80, out)

    def test_absent(self):
        code, out, err = run("explain", "99999")
        self.assertEqual((code, out), (5, ""))
        self.assertEqual(err, "nyxctl: there is no fault 99999; see nyxctl faults\n")
