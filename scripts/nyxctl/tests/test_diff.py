# SPDX-License-Identifier: GPL-2.0-only
"""snapshot --diff: it lists exactly the edits of a copy."""
import copy
import json
import random
import re

from common import read_table, run, settings
from snapshots import Machine, validate

# Values that change by themselves, by table.
COUNTERS = {
    "units": {"devices", "domain_ids", "intr_used", "flush_page", "flush_domain", "flush_global",
              "flush_entry", "flush_device", "flush_intr", "write_buffer", "waits",
              "flush_errors", "faults", "overflows"},
    "devices": {"faults"},
    "domains": {"devices", "mapped_bytes", "map_calls", "map_bytes", "unmap_calls",
                "unmap_bytes", "table_pages"},
    "interrupts": {"vector", "dest", "updates"},
    "forensics": {"operations"},
    "quarantine": {"faults", "suppressed", "duration_s"},
    "latency": {"count"},
}
KEYS = {"units": {"unit"}, "devices": {"device"}, "pasids": {"device", "pasid"},
        "domains": {"domain"},
        "interrupts": {"device", "irq", "unit", "index"}, "forensics": {"device", "domain"},
        "quarantine": {"time_s", "device", "episode"}}
TYPES = {"units": "unit", "devices": "device", "pasids": "pasid", "domains": "domain",
         "interrupts": "interrupt", "forensics": "forensics", "quarantine": "quarantine",
         "latency": "latency"}


class Differs(Machine):
    """Copies of a snapshot are edited."""

    def setUp(self):
        super().setUp()
        self.old = self.take()
        self.new = copy.deepcopy(self.old)

    def lines(self, name):
        return self.new["files"][name]["lines"]

    def edit(self, table, row, column, value):
        """Changes a cell. Rows are counted from 0."""
        lines = self.lines(table)
        columns = lines[0].split()
        cells = lines[row + 1].split(None, len(columns) - 1)
        before = cells[columns.index(column)]
        cells[columns.index(column)] = value
        lines[row + 1] = " ".join(cells)
        return before

    def diff(self, old=None, new=None):
        """Returns the exit code, the changes and the counters."""
        old = self.put_snapshot("old.json", old or self.old)
        new = self.put_snapshot("new.json", new or self.new)
        code, out, err = run("--json", "snapshot", "--diff", old, new)
        self.assertEqual(err, "")
        document = json.loads(out)
        validate(document, "snapshot-diff.json")
        self.assertEqual(code, 1 if document["changes"] else 0)
        self.words = run("snapshot", "--diff", old, new)[1]
        return document["changes"], document["counters"]

    def changed(self):
        changes, counters = self.diff()
        self.assertEqual(counters, [])
        return [(c["type"], c["object"], c["field"], c["before"], c["after"]) for c in changes]

    def test_same(self):
        self.assertEqual(self.diff(), ([], []))
        self.assertEqual(self.words, "nothing changed\n")

    def test_order(self):
        """Neither the order of rows nor that of members matters."""
        source = random.Random(settings.seed)
        for name, file in self.new["files"].items():
            if name not in ("summary", "domain-2/history"):
                rows = file["lines"][1:]
                source.shuffle(rows)
                file["lines"][1:] = rows
        for part in ("pci", "files"):
            members = list(self.new[part].items())
            source.shuffle(members)
            self.new[part] = dict(members)
        self.assertEqual(self.diff(), ([], []))

    def test_each_cell(self):
        """Each cell of some rows of each table is edited, one after another."""
        for table, type_ in TYPES.items():
            rows = read_table(self.debugfs / table)
            for column in rows[0]:
                counter = column in COUNTERS.get(table, ())
                if column in KEYS.get(table, ()) or (table == "latency" and not counter):
                    continue
                self.new = copy.deepcopy(self.old)
                row = len(rows) - 1
                value = "7" if column in ("faults", "suppressed") or counter else "other"
                self.edit(table, row, column, value)
                changes, counters = self.diff()
                with self.subTest(table=table, column=column):
                    edits = counters if counter else changes
                    self.assertEqual((changes, counters)[not counter], [])
                    self.assertEqual([(e["type"], e["field"]) for e in edits],
                                     [(type_, column)])
                    self.assertEqual(edits[0]["after"], value)
                    self.assertEqual(edits[0]["before"].replace("_", " "),
                                     rows[row][column].replace("_", " "))

    def test_counters(self):
        before = int(self.edit("units", 0, "waits", "1000"))
        self.edit("interrupts", 3, "dest", "0x00000007")
        changes, counters = self.diff()
        self.assertEqual(changes, [])
        self.assertEqual({(c["field"], c["difference"]) for c in counters},
                         {("waits", 1000 - before), ("dest", None)})
        self.assertIn(f"unit vtd0: waits {1000 - before:+}\n", self.words)
        self.assertIn("dest was 0x00000001, is 0x00000007\n", self.words)
        self.assertTrue(self.words.endswith("nothing changed but 2 counters\n"))

    def test_policy(self):
        self.edit("policy", 6, "policy", "max_faults=11 window=10 action=log scope=domain "
                  "vfio_action=log extra=1")
        self.assertEqual(sorted(self.changed()), [
            ("policy", "0000:00:05.0", "extra", "-", "1"),
            ("policy", "0000:00:05.0", "max_faults", "100", "11"),
            ("policy", "0000:00:05.0", "scope", "device", "domain")])
        self.assertIn("policy 0000:00:05.0: max_faults was 100, is 11\n", self.words)

    def test_entry(self):
        self.edit("vtd0/entries", 0, "fields", "P=0x1,FPD=0x0,TT=0x2,SSPTPTR=0x62da,AW=0x2,DID=0x2")
        self.assertEqual(self.changed(), [
            ("entry", "vtd0 0000:00:00.0 requester 00:00.0", "TT", "0x0", "0x2")])

    def test_capability(self):
        self.edit("vtd0/capabilities", 0, "value", "0x5")
        self.assertEqual(self.changed(), [("capability", "vtd0 CAP ND", "value", "0x6", "0x5")])

    def test_pasids(self):
        """The process ends, and another PASID is used."""
        self.edit("pasids", 1, "domain", "ended")
        self.lines("pasids").append("0000:01:00.0 vtd0 3 process 12 yes")
        self.assertEqual(sorted(self.changed(), key=str), [
            ("pasid", "0000:01:00.0 pasid 2", "domain", "process", "ended"),
            ("pasid", "0000:01:00.0 pasid 3", None, None, "process")])

    def test_rows(self):
        """Rows that are added or removed."""
        lines = self.lines("domains")
        gone = lines.pop(3).split()[0]
        lines.append(lines[1].replace(" 1 ", "77 ", 1))
        changes = self.changed()
        self.assertEqual({c[:3] for c in changes},
                         {("domain", gone, None), ("domain", "77", None)})
        self.assertIn(f"domain {gone} is gone: dma-fq, STRICT\n", self.words)
        self.assertIn("domain 77 is new: dma-fq, STRICT\n", self.words)

    def test_new_fault(self):
        last = self.lines("faults").pop()
        changes, _ = self.diff(self.new, self.old)
        self.assertEqual([(c["type"], c["object"]) for c in changes],
                         [("fault", f"{last.split()[0]} at {last.split()[1]}")])
        self.assertIn("0000:00:05.0, read, 0x0000000006320000", changes[0]["after"])

    def test_old_fault(self):
        """The module overwrites old faults, which is no change."""
        self.lines("faults").pop(1)
        changes, counters = self.diff()
        self.assertEqual(changes, [])
        self.assertEqual([(c["type"], c["after"]) for c in counters], [("fault", None)])

    def test_quarantine_ends(self):
        self.edit("quarantine", 0, "ended", "command")
        self.edit("quarantine", 0, "duration_s", "20.000")
        changes, counters = self.diff()
        self.assertEqual([(c["type"], c["field"], c["before"], c["after"]) for c in changes],
                         [("quarantine", "ended", "ongoing", "command")])
        self.assertEqual([c["field"] for c in counters], ["duration_s"])

    def test_machine(self):
        """Versions, parameters, firmware, PCI devices and the boot."""
        self.new["kernel"]["release"] = "7.3.5-test"
        self.new["module"]["version"] = "0.2"
        self.new["module"]["parameters"]["hunt"] = "1"
        self.new["kernel"]["parameters"].remove("quiet")
        self.new["kernel"]["parameters"].insert(0, "pci=nomsi")
        self.new["firmware"]["DMAR"]["base64"] = self.new["firmware"]["APIC"]["base64"]
        self.new["pci"]["0000:01:00.0"]["driver"] = "vfio-pci"
        self.new["pci"]["0000:02:00.1"] = self.new["pci"].pop("0000:02:00.0")
        self.new["clock"]["boot_id"] = "8d5e1c9c-0000-4000-8000-000000000002"
        self.assertEqual(sorted(self.changed(), key=str), sorted([
            ("version", "kernel", "release", "7.3.4-test", "7.3.5-test"),
            ("version", "module", "version", "0.1", "0.2"),
            ("parameter", "module", "hunt", "0", "1"),
            ("parameter", "kernel", "quiet", "quiet", None),
            ("parameter", "kernel", "pci=nomsi", None, "pci=nomsi"),
            ("firmware", "DMAR", "content", None, None),
            ("device", "0000:01:00.0", "driver", "nvme", "vfio-pci"),
            ("device", "0000:02:00.0", None, "driver none", None),
            ("device", "0000:02:00.1", None, None, "driver none"),
            ("boot", "machine", "boot_id", self.old["clock"]["boot_id"],
             self.new["clock"]["boot_id"])], key=str))
        self.assertIn("the machine was booted in between\n", self.words)
        self.assertIn("parameter kernel: pci=nomsi was added\n", self.words)
        self.assertIn("firmware DMAR: the content differs\n", self.words)

    def test_driver_once(self):
        """The module's table and the list of PCI devices show the same change once."""
        self.new["pci"]["0000:01:00.0"]["driver"] = "vfio-pci"
        row = next(i for i, r in enumerate(read_table(self.debugfs / "devices"))
                   if r["device"] == "0000:01:00.0")
        self.edit("devices", row, "driver", "vfio-pci")
        self.assertEqual(self.changed(),
                         [("device", "0000:01:00.0", "driver", "nvme", "vfio-pci")])

    def test_missing_file(self):
        """A file that is missing does not look like objects that are gone."""
        self.new["files"]["devices"] = {"state": "missing"}
        self.assertEqual(self.changed(), [("file", "devices", "state", "complete", "missing")])

    def test_clock_does_not_matter(self):
        self.new["clock"].update(created_s=0.0, kernel_log_s=0.0, booted_s=0.0)
        self.assertEqual(self.diff(), ([], []))

    def test_reverse(self):
        """The other direction lists the same edits, with before and after exchanged."""
        self.edit("devices", 5, "entry", "blocked")
        self.edit("units", 0, "compat", "allowed")
        there, _ = self.diff()
        back, _ = self.diff(self.new, self.old)
        self.assertEqual([{**c, "before": c["after"], "after": c["before"]} for c in back],
                         there)
        self.assertEqual(len(there), 2)

    def test_colour(self):
        self.edit("devices", 5, "entry", "blocked")
        self.diff()
        old, new = str(self.folder / "old.json"), str(self.folder / "new.json")
        _, out, _ = run("--color=always", "snapshot", "--diff", old, new)
        self.assertEqual(re.sub(r"\033\[\d*m", "", out), self.words)
