# SPDX-License-Identifier: GPL-2.0-only
"""The command top: rates, order, tables, and the screen."""
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import unittest

from common import RECORDED, VENDORS, States, read_table, run, settings, write_table
from screen import Screen

FLUSHES = ("flush_page", "flush_domain", "flush_global", "flush_entry", "flush_device",
           "flush_intr")
# Name in the output and columns that are added, by table; the key of rows comes first.
RATES = {
    "units": ("unit", {"flushes_per_s": FLUSHES, "waits_per_s": ("waits",),
                       "faults_per_s": ("faults",)}),
    "domains": ("domain", {"maps_per_s": ("map_calls",), "unmaps_per_s": ("unmap_calls",),
                           "map_bytes_per_s": ("map_bytes",),
                           "unmap_bytes_per_s": ("unmap_bytes",)}),
    "devices": ("device", {"faults_per_s": ("faults",)}),
}


def totals(folder):
    """What the counters in a folder amount to, by table, row and name in the output."""
    return {(table, row[key], name): sum(int(row[c]) for c in columns)
            for table, (key, names) in RATES.items()
            for row in read_table(folder / table)
            for name, columns in names.items()}


def rates(line):
    """The same of a line of the output."""
    return {(table, str(row[key]), name): row[name]
            for table, (key, names) in RATES.items() for row in line[table]
            for name in names}


def command(folder, *args):
    return [settings.program, f"--debugfs={folder}", f"--sysfs={RECORDED}/sysfs", *args]


def increase(rows, source):
    """Adds random numbers to all counters. Two domains stay as they are."""
    for number, row in enumerate(rows):
        if "domain" in row and "type" in row and number % 5 == 4:
            continue
        for column in set(row) & {c for _, names in RATES.values()
                                  for columns in names.values() for c in columns}:
            row[column] = str(int(row[column]) + source.randrange(10 ** 6))


class Rates(unittest.TestCase):
    """Rates between readings, while the files change."""

    def setUp(self):
        self.states = None
        self.process = None

    def tearDown(self):
        self.end()

    def end(self):
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None
        if self.states:
            self.states.remove()
            self.states = None

    def begin(self, vendor="intel"):
        self.states = States(vendor)
        return self.states

    def start(self, *args):
        self.process = subprocess.Popen(
            command(self.states.current, "--json", "top", "--interval", "0.1", *args),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return self.line()

    def line(self):
        line = self.process.stdout.readline()
        self.assertNotEqual(line, "", self.process.stderr)
        return json.loads(line)

    def test_rates(self):
        """The rates, times the length of the intervals, add up to what was counted.

        The files may change while they are read, so one interval may have some of it.
        """
        print(f"counters: --seed {settings.seed}")
        for vendor in VENDORS:
            source = random.Random(settings.seed)
            states = self.begin(vendor)
            states.add("second")
            for table in RATES:
                states.change("second", table, lambda rows: increase(rows, source))
            before, after = (totals(states.place / n) for n in ("first", "second"))
            expected = {key: after[key] - before[key] for key in after}
            self.assertGreater(sum(n > 0 for n in expected.values()), 50)
            first = self.start()
            self.assertEqual(set(rates(first)), set(expected))
            self.assertEqual(set(rates(first).values()), {0.0})
            states.switch("second")
            got = dict.fromkeys(expected, 0.0)
            for _ in range(300):
                line = self.line()
                for key, rate in rates(line).items():
                    got[key] += rate * line["seconds"]
                if sum(map(bool, got.values())) == sum(map(bool, expected.values())):
                    break
            line = self.line()
            self.assertEqual(set(rates(line).values()), {0.0})
            for key, number in expected.items():
                self.assertAlmostEqual(got[key], number, delta=1e-6 * number + 1e-6, msg=key)
            self.end()

    def unknown_once(self, change, table, keys):
        """Switches to a changed state. The rates of some rows are unknown, once."""
        states = self.begin()
        states.add("second")
        states.change("second", table, change)
        key = RATES[table][0]
        wanted = {row[key] for row in read_table(states.place / "second" / table)}
        self.start()
        states.switch("second")
        unknown, after = [], 0
        while after < 3:
            line = self.line()
            found = rates(line)
            for place, rate in found.items():
                if rate is None:
                    unknown.append(place)
                else:
                    self.assertEqual(rate, 0.0, place)
            after += bool(unknown) and {str(row[key]) for row in line[table]} == wanted
        self.assertEqual(sorted(unknown), sorted(keys))
        self.end()

    def test_backwards(self):
        """A counter that is smaller than before has no rate in that interval."""
        for table, column, place in (
                ("units", "waits", ("units", "vtd0", "waits_per_s")),
                ("units", "flush_page", ("units", "vtd0", "flushes_per_s")),
                ("devices", "faults", ("devices", "0000:00:05.0", "faults_per_s")),
                ("domains", "map_calls", ("domains", "5", "maps_per_s"))):
            with self.subTest(table=table, column=column):
                def change(rows, key=RATES[table][0], name=place[1], column=column):
                    row = next(r for r in rows if r[key] == name)
                    row[column] = str(int(row[column]) - 1)
                self.unknown_once(change, table, [place])

    def test_appearance(self):
        """What appears has no rates at first, and what disappears is not shown."""
        def change(rows):
            new = dict(rows[4], domain="77", map_calls="1000000")
            rows[:] = rows[:2] + rows[3:] + [new]
        self.unknown_once(change, "domains",
                          [("domains", "77", name) for name in RATES["domains"][1]])

        def plug(rows):
            rows[:] = rows[:1] + rows[2:] + [dict(rows[0], device="0000:ff:00.0", faults="9")]
        self.unknown_once(plug, "devices", [("devices", "0000:ff:00.0", "faults_per_s")])

    def test_other_domain(self):
        """After the module was loaded again, a domain has the number of another one."""
        def change(rows):
            rows[4].update(root_table="0x7777000", map_calls="99999999")
        self.unknown_once(change, "domains",
                          [("domains", "5", name) for name in RATES["domains"][1]])

    def test_order(self):
        source = random.Random(settings.seed)
        for key, table, name in (("maps", "domains", "maps_per_s"),
                                 ("unmaps", "domains", "unmaps_per_s"),
                                 ("bytes", "domains", "map_bytes_per_s"),
                                 ("faults", "devices", "faults_per_s")):
            with self.subTest(key=key):
                states = self.begin()
                states.add("second")
                states.change("second", table, lambda rows: increase(rows, source))
                self.start("--sort", key)
                states.switch("second")
                line = self.line()
                while not any(row[name] for row in line[table]):
                    line = self.line()
                values = [row[name] for row in line[table]]
                if table == "domains":
                    self.assertGreater(len(set(values)), 5)
                self.assertEqual(values, sorted(values, reverse=True))
                self.end()

    def test_unload(self):
        """If the module is unloaded, it ends, and the reason is reported once."""
        states = self.begin()
        self.start()
        states.current.unlink()
        _, err = self.process.communicate(timeout=60)
        self.assertEqual(self.process.returncode, 3)
        self.assertEqual(len(err.splitlines()), 1, err)


class Tables(unittest.TestCase):
    """Tables on something that is no terminal."""

    def top(self, *args, folder=RECORDED / "intel"):
        code, out, err = run("top", "--interval", "0.1", "--count", "1", *args, folder=folder)
        self.assertEqual((code, err), (0, ""))
        return out.splitlines()

    def rows(self, *args, **more):
        lines = self.top(*args, **more)
        return [line.split() for line in lines if line[:5] == "0000:"]

    def test_rows(self):
        for vendor in VENDORS:
            devices = read_table(RECORDED / vendor / "devices")
            domains = {d["domain"]: d for d in read_table(RECORDED / vendor / "domains")}
            rows = self.rows("--sort", "device", folder=RECORDED / vendor)
            self.assertEqual([r[0] for r in rows], [d["device"] for d in devices])
            seen = set()
            for row, device in zip(rows, devices):
                self.assertEqual((row[1], row[-1]), (device["domain"], device["state"]))
                numbers = row[2:-2]
                if device["domain"] == "-":
                    self.assertEqual(numbers, ["-"] * 4)
                elif device["domain"] in seen:
                    self.assertEqual(numbers, ['"'] * 4)
                else:
                    self.assertEqual(numbers[:2], ["0.0", "0.0"])
                    mapped = int(domains[device["domain"]]["mapped_bytes"])
                    size = float(numbers[4]) * 1024 ** ["B", "KiB", "MiB"].index(numbers[5])
                    self.assertAlmostEqual(size, mapped, delta=0.05 * mapped)
                seen.add(device["domain"])
            self.assertTrue(any('"' in r for r in rows))

    def test_order_by_mapped(self):
        self.assertEqual([r[0] for r in self.rows("--sort", "mapped")][0], "0000:00:1f.0")
        # Devices that share a domain follow each other.
        self.assertEqual([r[1] for r in self.rows("--sort", "mapped")][:3], ["4"] * 3)

    def test_large_numbers(self):
        """A number that fits no signed integer is not shown as a negative one."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(RECORDED / "intel", folder, dirs_exist_ok=True)
            for number in (0, 2 ** 53, 2 ** 63, 2 ** 64 - 1):
                rows = read_table(RECORDED / "intel" / "units")
                rows[0]["overflows"] = str(number)
                write_table(pathlib.Path(folder) / "units", rows)
                code, out, err = run("--json", "top", "--interval", "0.1", "--count", "1",
                                     folder=folder)
                self.assertEqual((code, err), (0, ""))
                unit = json.loads(out)["units"][0]
                self.assertAlmostEqual(unit["overflows"] / max(number, 1), float(number > 0))

    def test_narrow(self):
        """The longest cells fit 80 columns, too, and each is below its heading."""
        states = States()
        states.change("first", "units", lambda rows: rows[0].update(
            unit="vtd1234", flush_errors=str(2 ** 64 - 1), overflows="100000", state="dead"))
        states.change("first", "devices", lambda rows: rows[10].update(
            device="10000:ff:1f.7", domain="100000", state="QUARANTINED"))
        states.change("first", "domains", lambda rows: rows[5].update(
            domain="100000", mapped_bytes=str(1023 << 20)))
        lines = self.top("--sort", "device", folder=states.current)
        states.remove()
        for line in lines:
            self.assertLessEqual(len(line), 80, line)
        unit = next(line for line in lines if line.startswith("vtd1234"))
        self.assertEqual(unit.split(), ["vtd1234", "0.0", "0.0", "0.0", "18E", "100k", "dead"])
        device = next(line for line in lines if line.startswith("10000:"))
        self.assertEqual(device.split(), ["10000:ff:1f.7", "100000", "0.0", "0.0", "0", "B", "1023",
                                          "MiB", "0.0", "QUARANTINED"])
        heading = next(line for line in lines if line.startswith("device "))
        for name, cell in (("domain", "100000"), ("mapped", "1023 MiB"), ("state", None)):
            self.assertEqual(heading.index(name) + len(name),
                             device.index(cell) + len(cell) if cell else
                             device.index("QUARANTINED") + len(name))

    def test_count(self):
        code, out, err = run("top", "--interval", "0.1", "--count", "3")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.count("flushes/s"), 3)
        code, out, _ = run("--json", "top", "--interval", "0.1", "--count", "3")
        self.assertEqual(len([json.loads(line) for line in out.splitlines()]), 3)
        code, out, _ = run("--no-header", "top", "--interval", "0.1", "--count", "1")
        self.assertEqual(len(out.splitlines()), 1 + 26)

    def test_usage(self):
        for args in (("--sort", "size"), ("--sort",), ("--interval", "0"),
                     ("--interval", "nan"), ("--interval", "1s"), ("--interval", ""),
                     ("--count", "0"), ("--count", "1.5"), ("--count", "-1"), ("--frob",),
                     ("0000:00:05.0",)):
            with self.subTest(args=args):
                code, out, err = run("top", *args)
                self.assertEqual((code, out), (2, ""))
                self.assertEqual(len(err.splitlines()), 1)

    def test_absent(self):
        code, out, err = run("top", folder="/nowhere", sysfs="/nowhere")
        self.assertEqual((code, out), (3, ""))
        self.assertIn("modprobe nyx_iommu", err)


class Terminal(unittest.TestCase):
    """The screen, and the terminal afterwards."""

    def setUp(self):
        self.states = States()
        self.screen = None

    def tearDown(self):
        if self.screen:
            self.screen.close()
        self.states.remove()

    def start(self, *args, **size):
        self.screen = Screen(command(self.states.current, "top", "--interval", "0.2", *args),
                             **size)
        self.screen.shows("sorted by", "q quit")
        return self.screen

    def check_restored(self):
        self.assertTrue(self.screen.restored(), self.screen.modes)

    def test_size(self):
        """All of it fits 24 lines of 80 columns, and what does not is counted."""
        screen = self.start()
        screen.until(lambda: "over 0.0 s" not in screen.text()[0], "rates")
        text = screen.text()
        self.assertEqual((screen.beyond, screen.scrolled), (0, 0))
        self.assertTrue(text[0].startswith("1 unit, 26 devices, 11 domains"))
        shown = [line for line in text if line.startswith("0000:")]
        self.assertEqual(text[-2], f"... and {26 - len(shown)} more")
        self.assertEqual(len(shown), 24 - 8)

    def test_resize(self):
        screen = self.start("--interval", "3000")
        for lines, columns in ((40, 100), (10, 60), (3, 20), (24, 80)):
            screen.cells.clear()
            screen.resize(lines, columns)
            screen.until(lambda: "m maps u" in screen.text()[-1], "the keys")
            self.assertEqual(screen.scrolled, 0)
        self.assertEqual(len([l for l in screen.text() if l.startswith("0000:")]), 16)

    def test_many(self):
        """Many units do not take the place of the devices."""
        def multiply(rows):
            rows[:] = [dict(rows[0], unit=f"vtd{i}") for i in range(40)]
        self.states.change("first", "units", multiply)
        screen = self.start()
        text = screen.text()
        self.assertIn("... and 35 more", text)
        self.assertGreater(len([l for l in text if l.startswith("0000:")]), 8)
        self.assertEqual((screen.beyond, screen.scrolled), (0, 0))

    def test_keys(self):
        screen = self.start("--interval", "3000")
        for key, name in zip("ubnflwdm", ("unmaps", "bytes", "mapped", "faults", "flushes",
                                          "waits", "device", "maps")):
            screen.press(key)
            screen.shows(f"sorted by {name}")
        screen.press("q")
        self.assertEqual(screen.wait(), 0)
        self.check_restored()

    def test_signals(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            with self.subTest(signal=number):
                screen = self.start()
                self.assertFalse(screen.restored())
                screen.process.send_signal(number)
                self.assertEqual(screen.wait(), -number)
                self.check_restored()
                screen.close()
                self.screen = None

    def test_interrupt(self):
        screen = self.start()
        screen.press("\x03")
        self.assertEqual(screen.wait(), -signal.SIGINT)
        self.check_restored()

    def test_stop(self):
        """Ctrl-Z returns the terminal to the shell, and fg draws the screen again."""
        screen = self.start("--interval", "3000")
        screen.press("\x1a")
        screen.until(lambda: os.waitid(os.P_PID, screen.process.pid,
                                       os.WSTOPPED | os.WNOHANG | os.WNOWAIT), "the stop")
        screen.until(screen.restored, "the terminal")
        screen.cells.clear()
        screen.process.send_signal(signal.SIGCONT)
        screen.shows("sorted by", "q quit")
        screen.press("q")
        self.assertEqual(screen.wait(), 0)
        self.check_restored()

    def test_unload(self):
        """The reason is readable, after the terminal has been restored."""
        screen = self.start()
        self.states.current.unlink()
        self.assertEqual(screen.wait(), 3)
        self.check_restored()
        self.assertIn("nyxctl: ", screen.main)
        self.assertNotIn("nyxctl: ", "\n".join(screen.text()))

    def test_error(self):
        screen = self.start()
        shutil.rmtree(self.states.place / "first/devices", ignore_errors=True)
        self.states.place.joinpath("first/devices").write_text("")
        self.assertEqual(screen.wait(), 5)
        self.check_restored()
        self.assertIn("names no columns", screen.main)

    def test_dumb(self):
        """A terminal without a screen gets tables."""
        self.screen = Screen(command(self.states.current, "--color=never", "top", "--interval",
                                     "0.1"), terminal="dumb")
        self.screen.until(lambda: self.screen.main.count("flushes/s") == 2, "two tables")
        self.assertTrue(self.screen.restored())
