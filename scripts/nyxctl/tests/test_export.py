# SPDX-License-Identifier: GPL-2.0-only
"""The command export: the metrics, the textfile, and the documents about them."""
import json
import os
import pathlib
import re
import stat
import subprocess
import tempfile
import threading
import unittest

from common import NYXCTL, RECORDED, VENDORS, States, read_table, run, run_as_nobody
from exposition import Expected, parse

DOCUMENT = NYXCTL.parent.parent / "Documentation/metrics.md"


def export(folder):
    code, out, err = run("export", folder=folder)
    assert (code, err) == (0, ""), (code, err)
    return out


def check_metrics(text):
    """Returns what Prometheus' own check complains about."""
    return subprocess.run(["promtool", "check", "metrics"], input=text, text=True,
                          capture_output=True, check=False, timeout=60)


class Metrics(unittest.TestCase):
    """The metrics are what the tables contain, by a second reader of both."""

    def setUp(self):
        self.states = States()

    def tearDown(self):
        self.states.remove()

    def check(self, folder):
        text = export(folder)
        types, _, samples = parse(text)
        self.assertEqual(samples, Expected(folder))
        self.assertEqual({m for m in types if m.endswith("_total")},
                         {m for m, kind in types.items() if kind == "counter"})
        result = check_metrics(text)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))
        return samples

    def test_recorded(self):
        for vendor in VENDORS:
            self.assertGreater(len(self.check(RECORDED / vendor)), 200)

    def test_states(self):
        """Each word in a column has its sample."""
        def put(table, row, **cells):
            self.states.change("first", table, lambda rows: rows[row].update(cells))

        samples = self.check(self.states.current)
        for table, cells, metric, label in (
                ("units", {"state": "dead"}, "nyx_unit_state", ("state", "dead")),
                ("units", {"state": "off"}, "nyx_unit_state", ("state", "off")),
                ("units", {"intr": "off", "compat": "-"}, "nyx_unit_interrupt_remapping",
                 None),
                ("units", {"intr": "on", "compat": "allowed"},
                 "nyx_unit_compatibility_format_allowed", None),
                ("devices", {"state": "QUARANTINED"}, "nyx_device_state",
                 ("state", "quarantined")),
                ("devices", {"entry": "isolated"}, "nyx_device_isolated", None),
                ("devices", {"ats": "lost"}, "nyx_device_ats_lost", None),
                ("devices", {"managed": "waiting"}, "nyx_unit_devices",
                 ("managed", "waiting")),
                ("interrupts", {"unit": "-", "state": "passes"}, "nyx_unit_interrupts",
                 ("unit", "unknown")),
                ("interrupts", {"state": "posted"}, "nyx_unit_interrupts",
                 ("state", "posted")),
                ("faults", {"access": "atomic"}, "nyx_kept_faults", ("access", "atomic")),
                ("quarantine", {"reason": "faults"}, "nyx_cut_off_devices",
                 ("reason", "faults")),
                ("quarantine", {"ended": "bind"}, "nyx_cut_off_devices",
                 ("reason", "faults")),
                ("domains", {"type": "unmanaged"}, "nyx_domains", ("type", "unmanaged"))):
            with self.subTest(cells=cells):
                put(table, 0, **cells)
                before, samples = samples, self.check(self.states.current)
                self.assertTrue(any(key[0] == metric and (label is None or label in key[1]) and
                                    before.get(key) != number
                                    for key, number in samples.items()))

    def test_unattached_domain(self):
        """A domain without devices has no name, so it is only counted."""
        self.states.change("first", "domains",
                           lambda rows: rows.append(dict(rows[0], domain="99")))
        self.check(self.states.current)

    def test_labels(self):
        """Values of labels are escaped, and are always UTF-8."""
        self.states.change("first", "devices",
                           lambda rows: rows[0].update(device='a"b\\c{d},e'))
        self.check(self.states.current)
        path = self.states.current / "devices"
        path.write_bytes(path.read_bytes().replace(b"{d}", b"\xff\x01\xe9"))
        text = export(self.states.current)
        self.assertIn('device="a\\"b\\\\c???,e"', text)
        self.assertEqual(check_metrics(text).returncode, 0)

    def test_large_and_strange_numbers(self):
        """Numbers are exported as they are. What is no number has no sample."""
        largest = 2 ** 64 - 1
        self.states.change("first", "units", lambda rows: rows[0].update(
            waits=str(largest), faults="-", flush_errors="-5", overflows=str(largest + 1)))
        _, _, samples = parse(export(self.states.current))
        unit = frozenset({("unit", "vtd0")})
        self.assertEqual(samples["nyx_unit_waits_total", unit], largest)
        for metric in ("faults", "flush_errors", "fault_log_overflows"):
            self.assertNotIn((f"nyx_unit_{metric}_total", unit), samples)

    def test_absent(self):
        """Without the module there is one metric, and something needs attention."""
        code, out, err = run("export", folder="/nowhere", sysfs="/nowhere")
        types, _, samples = parse(out)
        self.assertEqual((code, types, samples),
                         (1, {"nyx_up": "gauge"}, {("nyx_up", frozenset()): 0}))
        self.assertEqual(err, "nyxctl: the module is not loaded; run: modprobe nyx_iommu\n")

    def test_diagnose(self):
        """A module without some of the files is no module to watch."""
        self.states.place.joinpath("first/devices").unlink()
        code, out, err = run("export", folder=self.states.current)
        self.assertEqual((code, list(parse(out)[2].values())), (1, [0]))
        self.assertEqual(len(err.splitlines()), 1)

    def test_usage(self):
        for args in (("--frob",), ("x",), ("--textfile",), ("--listen", "1", "x"),
                     ("--listen", "1", "--textfile", "/tmp/x.prom"), ("--listen=x",),
                     ("--listen=65536",), ("--listen=-1",), ("--listen=:1",),
                     ("--listen=127.0.0.1:",), ("--listen=localhost:1",),
                     ("--listen=99999999999999999999",)):
            with self.subTest(args=args):
                code, out, err = run("export", *args)
                self.assertEqual((code, out), (2, ""))
                self.assertEqual(len(err.splitlines()), 1, err)
        self.assertEqual(run("--json", "export")[0], 2)


class Textfile(unittest.TestCase):
    """The file for node_exporter."""

    def setUp(self):
        self.place = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.place.name)
        self.file = self.folder / "nyx.prom"

    def tearDown(self):
        self.place.cleanup()

    def write(self, **more):
        return run("export", "--textfile", str(self.file), **more)

    def test_content(self):
        self.assertEqual(self.write(), (0, "", ""))
        self.assertEqual(parse(self.file.read_text())[2], Expected(RECORDED / "intel"))
        self.assertEqual(stat.S_IMODE(self.file.stat().st_mode), 0o644)
        self.assertEqual(os.listdir(self.folder), ["nyx.prom"])

    def test_absent(self):
        self.assertEqual(self.write(folder="/nowhere", sysfs="/nowhere")[0], 1)
        self.assertEqual(parse(self.file.read_text())[2], {("nyx_up", frozenset()): 0})

    def test_replaced_as_a_whole(self):
        """A reader never sees a part of the file."""
        whole = set()
        for vendor in VENDORS:
            self.write(folder=RECORDED / vendor)
            whole.add(self.file.read_text())
        seen, stop = set(), threading.Event()

        def read():
            while not stop.is_set():
                seen.add(self.file.read_text())

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for turn in range(30):
                self.assertEqual(self.write(folder=RECORDED / VENDORS[turn % 2])[0], 0)
        finally:
            stop.set()
            reader.join()
        self.assertEqual(seen, whole)

    def test_full_disk(self):
        """The old file stays, nothing else is left, and the reason is reported once."""
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", self.folder],
                       check=True)
        try:
            self.file.write_text("old\n")
            with open(self.folder / "rest", "wb", buffering=0) as rest:
                with self.assertRaises(OSError):
                    while True:
                        rest.write(b"x" * 4096)
            code, out, err = self.write()
            self.assertEqual((code, out), (5, ""))
            self.assertEqual(err, f"nyxctl: cannot write {self.file}: No space left on device\n")
            self.assertEqual(self.file.read_text(), "old\n")
            self.assertEqual(sorted(os.listdir(self.folder)), ["nyx.prom", "rest"])
        finally:
            subprocess.run(["umount", self.folder], check=True)

    def test_permission(self):
        """Who may not read the files must not replace what root has written."""
        self.folder.chmod(0o777)
        self.file.write_text("old\n")
        files = self.folder / "files"
        files.mkdir(mode=0o755)
        files.joinpath("units").write_text("unit\n")
        files.joinpath("units").chmod(0o400)
        code, out, err = run_as_nobody("export", "--textfile", str(self.file), folder=files)
        self.assertEqual((code, out), (4, ""))
        self.assertIn("needs root", err)
        self.assertEqual(self.file.read_text(), "old\n")

    def test_other_file(self):
        """What is no regular file, such as /dev/null, is not replaced."""
        os.mkfifo(self.file)
        code, _, err = self.write()
        self.assertEqual((code, len(err.splitlines())), (5, 1))
        self.assertTrue(stat.S_ISFIFO(self.file.stat().st_mode))

    def test_no_folder(self):
        self.file = self.folder / "absent/nyx.prom"
        code, _, err = self.write()
        self.assertEqual((code, len(err.splitlines())), (5, 1))


class Documents(unittest.TestCase):
    """Documentation/metrics.md, the alerts and the dashboard name what is exported."""

    def setUp(self):
        self.types, _, self.samples = parse(export(RECORDED / "intel"))
        self.rules = NYXCTL.joinpath("prometheus/nyx.rules.yml").read_text()

    def listed(self):
        rows = re.findall(r"^\| `(nyx_\w+)` \| (\w+) \|(.*?)\| (.+?) \|$",
                          DOCUMENT.read_text(), re.M)
        return {name: (kind, frozenset(re.findall(r"`(\w+)`", labels)))
                for name, kind, labels, _ in rows}

    def test_list(self):
        labels = {}
        for metric, values in self.samples:
            labels.setdefault(metric, set()).add(frozenset(name for name, _ in values))
        self.assertEqual(set(map(len, labels.values())), {1})
        self.assertEqual(self.listed(), {metric: (kind, *labels[metric])
                                         for metric, kind in self.types.items()})

    def test_values_of_labels(self):
        """Those that are no names are in the list of labels, so that there are few."""
        rows = dict(re.findall(r"^\| `(\w+)` \| (.+) \|$",
                               DOCUMENT.read_text().split("## Labels")[1]
                               .split("## List")[0], re.M))
        found = {}
        for vendor in VENDORS:
            for _, labels in parse(export(RECORDED / vendor))[2]:
                for name, value in labels:
                    found.setdefault(name, set()).add(value)
        self.assertEqual(set(found), set(rows))
        for name in set(found) - {"unit", "device"}:
            self.assertLessEqual(found[name], set(re.findall(r"`([\w-]+)`", rows[name])))

    def test_number_of_series(self):
        match = re.search(r"at most (\d+) for each device and (\d+) for\s+each unit",
                          DOCUMENT.read_text())
        for vendor in VENDORS:
            series = parse(export(RECORDED / vendor))[2]
            devices = read_table(RECORDED / vendor / "devices")
            of_devices = sum("device" in dict(labels) for _, labels in series)
            of_units = sum("device" not in dict(labels) and
                           dict(labels).get("unit", "unknown") != "unknown"
                           for _, labels in series)
            self.assertLessEqual(of_devices, int(match[1]) * len(devices))
            self.assertLessEqual(of_units, int(match[2]))

    def test_alerts(self):
        for check in (("check", "rules", "nyx.rules.yml"),
                      ("test", "rules", "nyx.rules.test.yml")):
            result = subprocess.run(["promtool", *check], cwd=NYXCTL / "prometheus",
                                    capture_output=True, text=True, timeout=120, check=False)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        alerts = re.findall(r"- alert: (\w+)", self.rules)
        self.assertGreater(len(alerts), 10)
        # Each alert fires in the tests, on one machine of two: the other is the opposite.
        tests = NYXCTL.joinpath("prometheus/nyx.rules.test.yml").read_text()
        blocks = re.split(r"^- name: ", tests, flags=re.M)[1:]
        for alert in alerts:
            block = next(b for b in blocks if b.startswith(f"{alert}\n"))
            self.assertIn(f"alertname: {alert}\n    exp_alerts:\n    - exp_labels", block)
            self.assertIn('instance="bad"', block)
            self.assertIn('instance="good"', block)
            self.assertEqual(block.count("- exp_labels"), 1)

    def test_remedies(self):
        """Each alert names what to do, and commands that exist."""
        commands = re.findall(r"^  ([a-z]+)(?: .*)?\n      ", run("--help")[1], re.M)
        remedies = re.findall(r'remedy: "(.*)"', self.rules)
        self.assertEqual(len(remedies), self.rules.count("- alert:"))
        self.assertEqual(len(re.findall(r'summary: "(.*)"', self.rules)), len(remedies))
        for remedy in remedies:
            named = re.findall(r"nyxctl (\w+)", remedy)
            self.assertTrue(named, remedy)
            self.assertLessEqual(set(named), set(commands))

    def test_metrics_exist(self):
        dashboard = json.loads(NYXCTL.joinpath("prometheus/nyx-dashboard.json").read_text())
        expressions = [t["expr"] for p in dashboard["panels"] for t in p["targets"]]
        self.assertGreater(len(expressions), 20)
        expressions += [v["definition"] for v in dashboard["templating"]["list"][1:]]
        expressions += re.findall(r"expr: (.*)", self.rules)
        for expression in expressions:
            named = set(re.findall(r"\bnyx_\w+", expression))
            self.assertTrue(named or "up{" in expression, expression)
            self.assertLessEqual(named, set(self.types), expression)


class Broken(unittest.TestCase):
    """Broken tables neither crash the exporter nor break the format."""

    def test_broken_copies(self):
        states = States()
        try:
            for name in ("units", "devices", "domains", "interrupts", "faults", "quarantine"):
                path = states.current / name
                good = path.read_bytes()
                for cut in range(0, len(good), max(1, len(good) // 12)):
                    path.write_bytes(good[:cut])
                    code, out, err = run("export", folder=states.current)
                    self.assertIn(code, (0, 1), err[-2000:])
                    parse(out)
                    code, _, err = run("top", "--count", "1", "--interval", "0.1",
                                       folder=states.current)
                    self.assertIn(code, (0, 5), err[-2000:])
                path.write_bytes(good)
        finally:
            states.remove()
