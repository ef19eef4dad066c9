# SPDX-License-Identifier: GPL-2.0-only
"""The command report: its numbers, compared with a second computation, and its page."""
import calendar
import collections
import copy
import html.parser
import json
import random
import re
import time
import xml.etree.ElementTree as ElementTree

from common import read_table, run, settings
from snapshots import Machine, validate

XHTML = "{http://www.w3.org/1999/xhtml}"
HOSTILE = "<script>alert('1')</script>&\"'><b>&lt;"
DAY = 24
BARS = {"faults_by_device": ("device", "faults"), "faults_by_cause": ("cause", "faults"),
        "devices_by_mapped_bytes": ("device", "mapped_bytes"),
        "domains_by_mapped_bytes": ("domain", "mapped_bytes"),
        "units_by_flushes": ("unit", "flushes"), "domains_by_flushes": ("domain", "flushes")}


def seconds(text):
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


class Reports(Machine):
    """A snapshot whose clock reads 100000 s in the kernel log."""

    NOW = 1796058000.0
    LOG = 100000.0

    def setUp(self):
        super().setUp()
        self.document = self.take()
        self.set_clock(self.document, self.NOW, self.LOG)

    @staticmethod
    def set_clock(document, now, log):
        document["clock"].update(created_s=now, kernel_log_s=log, booted_s=now - log)

    def add_faults(self, document, times, devices=("0000:00:05.0",)):
        """Replaces the faults."""
        lines = document["files"]["faults"]["lines"]
        good = lines[1:]
        lines[1:] = []
        for number, moment in enumerate(times, 1):
            cells = good[number % len(good)].split(None, 14)
            cells[0], cells[1] = str(number), f"{moment:.6f}"
            cells[4] = devices[number % len(devices)]
            lines.append(" ".join(cells))

    def report(self, *documents, args=(), options=("--json",), valid=True):
        paths = [self.put_snapshot(f"{i}.json", d)
                 for i, d in enumerate(documents or [self.document])]
        code, out, err = run(*options, "report", *args, *paths)
        self.assertEqual((code, err), (0, ""))
        if "--json" not in options:
            return out
        document = json.loads(out)
        if valid:
            validate(document, "report.json")
        return document


class Numbers(Reports):
    """What the report says is what the tables say."""

    def test_times(self):
        """The clock of the kernel log becomes the time of day."""
        report = self.report()
        rows = read_table(self.debugfs / "faults")
        self.assertEqual([seconds(f["time"]) for f in report["last_faults"]], [])
        self.set_clock(self.document, self.NOW, 100.0)
        report = self.report()
        self.assertEqual([seconds(f["time"]) for f in report["last_faults"]],
                         [int(self.NOW - 100.0 + float(r["time_s"])) for r in rows])
        self.assertEqual((seconds(report["begin"]), seconds(report["end"])),
                         (self.NOW - DAY * 3600, self.NOW))
        quarantine = read_table(self.debugfs / "quarantine")
        self.assertEqual([(seconds(q["time"]), q["device"]) for q in report["quarantines"]],
                         [(int(self.NOW - 100.0 + float(q["time_s"])), q["device"])
                          for q in quarantine])

    def test_period(self):
        """Random times: only those of the period count, in the right hour or day."""
        source = random.Random(settings.seed)
        for hours in (1, 5, 24, 27.5, 47, 49, 200):
            self.set_clock(self.document, self.NOW, 1e6)
            moments = sorted(source.uniform(0, 1e6) for _ in range(100))
            moments += sorted(source.uniform(1e6 - hours * 3600, 1e6) for _ in range(50))
            self.add_faults(self.document, moments)
            report = self.report(args=(f"--since={hours}",))
            when = [self.NOW - 1e6 + float(f"{m:.6f}") for m in moments]
            inside = [w for w in when if w >= self.NOW - hours * 3600]
            with self.subTest(hours=hours):
                part = 3600 if hours <= 48 else 86400
                want = collections.Counter(int(w // part * part) for w in inside)
                got = {seconds(r["begin"]): r["faults"] for r in report["faults_by_time"]}
                self.assertEqual({k: v for k, v in got.items() if v}, dict(want))
                self.assertEqual(sorted(got), list(range(
                    int((self.NOW - hours * 3600) // part * part), int(self.NOW) + 1, part)))
                self.assertEqual(sum(r["faults"] for r in report["faults_by_device"]),
                                 len(inside))
                self.assertEqual(sum(r["faults"] for r in report["faults_by_cause"]),
                                 len(inside))
                self.assertIn(f"{len(inside)} in the period", report["state"]["faults"])
                self.assertEqual(len(report["last_faults"]), 20)

    def test_devices(self):
        devices = ("0000:00:05.0", "0000:01:00.0", "0000:01:00.0", "0000:02:00.0")
        self.add_faults(self.document, [99000 + i for i in range(41)], devices)
        rows = self.report()["faults_by_device"]
        want = collections.Counter(devices[i % 4] for i in range(1, 42))
        self.assertEqual({r["device"]: r["faults"] for r in rows}, want)
        self.assertEqual([r["faults"] for r in rows], sorted(want.values(), reverse=True))

    def test_users(self):
        units = read_table(self.debugfs / "units")[0]
        units["flush_errors"] = "3"
        self.put("debugfs/units", " ".join(units) + "\n" + " ".join(units.values()) + "\n")
        self.document = self.take()
        report = self.report()
        domains = read_table(self.debugfs / "domains")
        mapped = {d["domain"]: int(d["mapped_bytes"]) for d in domains}
        want = sorted((n for n in mapped.values() if n), reverse=True)[:10]
        self.assertGreater(len(want), 2)
        self.assertEqual([d["mapped_bytes"] for d in report["domains_by_mapped_bytes"]], want)
        for row in report["domains_by_mapped_bytes"]:
            self.assertEqual(row["mapped_bytes"], mapped[str(row["domain"])])
        devices = [(d["device"], mapped[d["domain"]]) for d in read_table(self.debugfs / "devices")
                   if mapped.get(d["domain"])]
        self.assertEqual({(d["device"], d["mapped_bytes"])
                          for d in report["devices_by_mapped_bytes"]}, set(devices))
        unit = read_table(self.debugfs / "units")[0]
        flushes = sum(int(n) for c, n in unit.items()
                      if c.startswith("flush_") and c != "flush_errors")
        self.assertEqual([(u["unit"], u["flushes"], u["waits"])
                          for u in report["units_by_flushes"]],
                         [(unit["unit"], flushes, int(unit["waits"]))])
        self.assertEqual(report["domains_by_flushes"], [{"domain": 5, "flushes": 21}])

    def test_several_snapshots(self):
        """Faults that are in several snapshots count once, and changes are named."""
        first, last = copy.deepcopy(self.document), self.document
        self.set_clock(first, self.NOW - 1000, self.LOG - 1000)
        self.add_faults(first, [98000 + i for i in range(10)])
        self.add_faults(last, [98000 + i for i in range(15)])
        del last["files"]["faults"]["lines"][1:6]
        policy = last["files"]["policy"]["lines"]
        policy[7] = policy[7].replace(" action=log", " action=quarantine")
        report = self.report(first, last)
        self.assertEqual(sum(r["faults"] for r in report["faults_by_device"]), 15)
        self.assertEqual([c["change"] for c in report["changes"]],
                         ["policy 0000:00:05.0: action was log, is quarantine"])
        self.assertEqual(len(report["quarantines"]), 0)
        self.assertEqual(self.report(last, first), report)

    def test_episodes(self):
        """An episode is as the last snapshot has it."""
        first, last = copy.deepcopy(self.document), self.document
        for document in (first, last):
            self.set_clock(document, self.NOW, 100.0)
        first["clock"]["created_s"] -= 10
        first["clock"]["kernel_log_s"] -= 10
        lines = last["files"]["quarantine"]["lines"]
        lines[1] = lines[1].replace("ongoing", "reset  ")
        self.assertEqual([q["ended"] for q in self.report(first, last)["quarantines"]],
                         ["reset", "ongoing"])

    def test_another_boot(self):
        """The same number and time after another boot is another fault."""
        other = copy.deepcopy(self.document)
        self.add_faults(self.document, [99000.0])
        self.add_faults(other, [99000.0])
        other["clock"]["boot_id"] = "8d5e1c9c-0000-4000-8000-000000000002"
        self.assertEqual(self.report(self.document, other)["faults_by_device"][0]["faults"], 2)

    def test_overwritten(self):
        """It is said that the module has overwritten faults of the period."""
        self.add_faults(self.document, [99000.0, 99001.0])
        self.assertNotIn("attention", self.report()["state"])
        del self.document["files"]["faults"]["lines"][1]
        self.assertIn("may be missing", self.report()["state"]["attention"])

    def test_truncated(self):
        """It is said which file is truncated, and its complete rows count."""
        self.add_faults(self.document, [99000.0, 99001.0])
        faults = self.document["files"]["faults"]
        for name, state, word in (("faults", "truncated", "the file faults is truncated"),
                                  ("quarantine", "truncated", "file quarantine is truncated"),
                                  ("units", "truncated", "the file units is truncated"),
                                  ("faults", "unreadable", "the file faults is unreadable"),
                                  ("domains", "missing", "the file domains is missing")):
            with self.subTest(name=name, state=state):
                document = copy.deepcopy(self.document)
                file = document["files"][name]
                file["state"] = state
                if state == "truncated":
                    file["lines"][-1] = file["lines"][-1][:10]
                else:
                    del file["lines"]
                report = self.report(document)
                self.assertIn(word, report["state"]["attention"])
                count = len(faults["lines"]) - 1
                if name == "faults":
                    count = count - 1 if state == "truncated" else 0
                self.assertEqual(len(report["last_faults"]), count)
                self.assertIn(word, self.report(document, options=()))
        # Each is named once, and with what else needs attention.
        faults["state"] = "truncated"
        del faults["lines"][1]
        self.document["files"]["units"] = {"state": "missing"}
        self.add_faults(self.document, [99000.0, 99001.0, 99002.0])
        del faults["lines"][1]
        attention = self.report(self.document, self.document)["state"]["attention"]
        self.assertRegex(attention, r"^the file faults is truncated; "
                                    r"the file units is missing; older faults .* last ones$")

    def test_without_clock(self):
        """In a copy of the files the times cannot be converted, and all faults count."""
        self.document["clock"] = None
        report = self.report()
        rows = read_table(self.debugfs / "faults")
        self.assertEqual([f["time"] for f in report["last_faults"]],
                         [f"{r['time_s']} s after boot" for r in rows])
        self.assertIsNone(report["begin"])
        self.assertIn("not known", self.report(options=()))

    def test_text(self):
        self.set_clock(self.document, self.NOW, 100.0)
        text = self.report(options=())
        self.assertEqual(re.findall(r"^[A-Z].*$", text, re.M),
                         ["State", "Changes", "Faults by time", "Faults by device",
                          "Faults by cause", "Last faults", "Quarantines",
                          "Devices by mapped bytes", "Domains by mapped bytes",
                          "Units by flushes", "Domains by flushes"])
        parts = text.split("Faults by time\n")[1].split("\n\n")[0].splitlines()[1:]
        self.assertEqual([int(p.split()[1]) for p in parts], [6])

    def test_live(self):
        """Without arguments the module is read."""
        code, out, err = self.live("--json", "report")
        self.assertEqual((code, err), (0, ""))
        report = json.loads(out)
        validate(report, "report.json")
        self.assertEqual(report["state"]["kernel"], "7.3.4-test")
        code, out, err = run("report", folder="/nowhere", sysfs="/nowhere")
        self.assertEqual((code, out), (3, ""))
        self.assertIn("modprobe nyx_iommu", err)

    def test_usage(self):
        path = self.put_snapshot("0.json", self.document)
        for args in (("report", "--since=0", path), ("report", "--since=x", path),
                     ("report", "--since=nan", path), ("report", "--since=1e9", path),
                     ("report", "--since", path), ("report", "--frob", path),
                     ("--json", "report", "--html", path)):
            code, out, err = run(*args)
            self.assertEqual((code, out), (2, ""), args)
            self.assertEqual(len(err.splitlines()), 1)


class Strict(html.parser.HTMLParser):
    """Collects tags and attributes as a browser sees them."""

    def __init__(self):
        super().__init__()
        self.tags, self.attributes, self.text = collections.Counter(), [], []

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_data(self, data):
        self.text.append(data)


class Page(Reports):
    """The page is one well-formed file, which needs nothing else."""

    def page(self, *documents):
        text = self.report(*documents, args=("--html",), options=())
        parser = Strict()
        parser.feed(text)
        return ElementTree.fromstring(text), parser, text

    def rich(self):
        """A machine with faults, quarantines, and names of a hostile device."""
        document = copy.deepcopy(self.document)
        source = random.Random(settings.seed)
        self.add_faults(document, sorted(source.uniform(30000, 99999) for _ in range(90)),
                        ("0000:00:05.0", HOSTILE, "0000:01:00.0", "]]>--><!--"))
        files = document["files"]
        for name, column in (("faults", 5), ("quarantine", 3), ("domains", 1), ("units", 0),
                             ("devices", 4)):
            line = files[name]["lines"][1].split(None, 30)
            line[column] = HOSTILE
            files[name]["lines"].append(" ".join(line))
        files["quarantine"]["lines"].append(f"99000.0 {HOSTILE} 2 faults - 11 0 1 4.1 ongoing")
        document["kernel"]["release"] = document["module"]["version"] = HOSTILE
        document["files"]["domains"]["lines"].append(
            f"{HOSTILE} dma - - - - - - 1 4096 1 4096 0 0 1 -")
        other = copy.deepcopy(document)
        self.set_clock(other, self.NOW - 5000, self.LOG - 5000)
        other["kernel"]["release"] = "old"
        other["module"]["parameters"]["hunt"] = HOSTILE
        return other, document

    def rows(self, section):
        table = section.find(f".//{XHTML}table")
        return [["".join(cell.itertext()) for cell in row]
                for row in table.iter(f"{XHTML}tr")]

    def sections(self, root):
        return {s.get("id"): s for s in root.iter(f"{XHTML}section")}

    def test_escaped(self):
        """Texts stay texts, in elements and in attributes."""
        plain = self.page()[1]
        root, parser, text = self.page(*self.rich())
        self.assertNotIn("<script", text)
        self.assertNotIn("<b>", text)
        self.assertIn("&quot;&#39;&gt;", text)
        self.assertEqual(set(parser.tags) - {"svg", "g", "title", "text", "rect", "line",
                                             "details", "summary", "table", "thead", "tbody",
                                             "tr", "th", "td", "div"} - set(plain.tags), set())
        self.assertGreater("".join(root.itertext()).count(HOSTILE), 8)
        self.assertFalse([a for a in parser.attributes if a[1].startswith("on")])

    def test_self_contained(self):
        _, parser, text = self.page(*self.rich())
        for tag in ("script", "link", "img", "iframe", "object", "embed", "base", "form", "use",
                    "image", "a", "foreignobject"):
            self.assertEqual(parser.tags[tag], 0, tag)
        for tag, name, value in parser.attributes:
            self.assertNotIn(name, ("src", "href", "xlink:href", "action", "background", "style"))
            if name != "xmlns":
                self.assertNotIn("//", value or "", (tag, name))
        style = re.search(r"<style>(.*?)</style>", text, re.S).group(1)
        self.assertNotRegex(style, r"url\(|@import|//")
        self.assertIn("prefers-color-scheme: dark", style)
        self.assertIn(("meta", "content", "default-src 'none'; style-src 'unsafe-inline'"),
                      parser.attributes)

    def test_tables(self):
        """The tables of the page are those of the JSON output."""
        documents = self.rich()
        root, _, _ = self.page(*documents)
        report = self.report(*documents, valid=False)
        for name, section in self.sections(root).items():
            if name == "state":
                want = [list(pair) for pair in report["state"].items()]
            else:
                want = [[("-" if v is None else str(v)) for v in row.values()]
                        for row in report[name]]
            if not want:
                self.assertIsNone(section.find(f".//{XHTML}table"))
                continue
            rows = self.rows(section)[1:]
            self.assertEqual(len(rows), len(want), name)
            for row, cells in zip(rows, want):
                for got, cell in zip(row, cells):
                    if not re.match(r"[\d.]+ ([KMG]i)?B$", got) and "." not in cell:
                        self.assertEqual(got, cell, name)

    def test_charts(self):
        """Each chart has the values of its table, and lengths in proportion to them."""
        documents = self.rich()
        root, _, _ = self.page(*documents)
        report = self.report(*documents, valid=False)
        sections = self.sections(root)
        for name, (label, value) in BARS.items():
            with self.subTest(chart=name):
                bars = self.bars(sections[name])
                rows = report[name]
                self.assertGreater(len(rows), 0)
                self.assertEqual([int(b.get("data-value")) for b, _ in bars],
                                 [r[value] for r in rows])
                self.assertEqual([t.rpartition(": ")[0] for _, t in bars],
                                 [str(r[label]) for r in rows])
                self.in_proportion(bars, "width")
                # Room for the value after the longest bar.
                for bar, _ in bars:
                    self.assertLess(float(bar.get("x")) + float(bar.get("width")), 720 - 60)
        bars = self.bars(sections["faults_by_time"])
        self.assertEqual([(t.rpartition(": ")[0], int(b.get("data-value"))) for b, t in bars],
                         [(r["begin"], r["faults"]) for r in report["faults_by_time"]])
        self.in_proportion(bars, "height")
        for bar, _ in bars:
            self.assertAlmostEqual(float(bar.get("y")) + float(bar.get("height")), 170, 1)

    def bars(self, section):
        groups = section.iter(f"{XHTML}g")
        return [(g.find(f"{XHTML}rect"), g.find(f"{XHTML}title").text) for g in groups]

    def in_proportion(self, bars, side):
        lengths = [(int(b.get("data-value")), float(b.get(side))) for b, _ in bars]
        value, length = max(lengths)
        for other, shorter in lengths:
            self.assertAlmostEqual(shorter, other * length / value, 1)
        self.assertGreater(length, 100)

    def test_broken_texts(self):
        """Characters that XML forbids, and cut-off letters."""
        document = copy.deepcopy(self.document)
        self.add_faults(document, [99000.0])
        lines = document["files"]["faults"]["lines"]
        for name in ("\x01\x1b[2J", "\ufffe\uffff", "ä" * 40, "\U0001f600" * 40, "\u2028"):
            lines[1] = lines[1].split(None, 4)[0] + " 99000.0 vtd0 - " + name + " - - - read"
            root, _, text = self.page(document)
            self.assertIn("Faults by device", "".join(root.itertext()))
            self.assertNotRegex(text, "[\x00-\x08\x0b-\x1f\ufffe\uffff]")

    def test_live_module(self):
        """The same with what the module itself writes."""
        faults = self.debugfs.joinpath("faults").read_bytes()
        self.put("debugfs/faults", faults.replace(b"nyx_stray_test ", b"\x01\x1b<b>\xff "))
        code, out, err = self.live("report", "--html")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("??<b>?", "".join(ElementTree.fromstring(out).itertext()))

    def test_lists_are_short(self):
        """Many devices and many faults make no endless page."""
        self.add_faults(self.document, [90000 + i / 10 for i in range(3000)],
                        [f"0000:{i:02x}:00.0" for i in range(200)])
        report = self.report()
        self.assertEqual(len(report["faults_by_device"]), 20)
        self.assertIn("3000 in the period", report["state"]["faults"])
