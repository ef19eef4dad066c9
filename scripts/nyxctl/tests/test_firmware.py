# SPDX-License-Identifier: GPL-2.0-only
"""The command firmware, compared with a second decoder of the tables: see tables.py."""
import json
import os
import pathlib
import random
import shutil
import struct
import subprocess
import tempfile
import unittest

import tables as t
from common import run, run_as_nobody, settings
from test_schema import errors

MUTANTS = 150


def small_dmar():
    return t.dmar(t.drhd(0xfed90000, t.scope(1, 0, 0, (2, 0))),
                  t.drhd(0xfed91000, t.scope(3, 2, 0xf0, (31, 0)), t.scope(4, 0, 0, (31, 0)),
                         everything=1),
                  t.rmrr(0x7b800000, 0x7fffffff, t.scope(1, 0, 0, (2, 0))))


def full_dmar():
    """Each structure and each type of device scope, and unknown ones."""
    return t.dmar(
        t.drhd(0xfed90000, t.scope(1, 0, 0, (2, 0))),
        t.drhd(0xfed93000, t.scope(2, 0, 0, (28, 0)), t.scope(1, 0, 0, (1, 0), (0, 1))),
        t.drhd(0xfed91000, t.scope(3, 2, 0xf0, (31, 0)), t.scope(4, 7, 0, (31, 0)),
               t.scope(5, 1, 0, (21, 1)), t.scope(9, 0, 0, (1, 1)), everything=1),
        t.drhd(0x1fed90000, everything=1, segment=0x12),
        t.rmrr(0x1000, 0x1fff, t.scope(1, 0, 0, (20, 0)), t.scope(1, 0, 0, (2, 0))),
        t.rmrr(0x3000, 0x2fff, t.scope(1, 0, 0, (20, 0))),
        t.rmrr(0x5800, 0x67ff, t.scope(2, 0, 0, (28, 0))),
        t.remapping(2, struct.pack("<BBH", 0, 0, 0), t.scope(2, 0, 0, (28, 0))),
        t.remapping(2, struct.pack("<BBH", 1, 0, 0x12)),
        t.remapping(3, struct.pack("<IQI", 0, 0xfed91000, 5)),
        t.remapping(4, b"\0\0\0\1" + b"\\_SB.PCI0.I2C1\0"),
        t.remapping(5, struct.pack("<BBH", 1, 0, 0), t.scope(1, 0, 0, (8, 0))),
        t.remapping(6, struct.pack("<HH", 0, 0), t.scope(1, 0, 0, (9, 0))),
        t.remapping(0x44, b"\1\2\3\4"), flag=0x87)


def full_ivrs():
    """Each block and each device entry, and unknown ones."""
    entries = (t.entry(3, 0x0003), t.entry(4, 0xfffe), t.entry(0), t.entry(0x40) + bytes(4),
               t.special(33, 0xa0, 1), t.special(0, 0xa0, 2))
    more = (t.entry(2, 8, 0x21), t.entry(0x42, 9, 1) + struct.pack("<BHB", 0, 0xa5, 0),
            t.entry(0x43, 0x100) + struct.pack("<BHB", 0, 0xa6, 0), t.entry(4, 0x107),
            t.entry(0x46, 0x200) + struct.pack("<I", 1 << 31),
            t.entry(0x47, 0x208) + bytes(4), t.entry(4, 0x20f), t.entry(5, 1), t.entry(1))
    named = (t.acpi(0xa5, b"AMDI0020", 2, b"\\_SB.FUR0"), t.acpi(0x60, b"MSFT0201", 1, b"\x39\5"),
             t.acpi(0x61, b"AMDI0096", 0, b""))
    return t.ivrs(t.ivhd(0x10, 2, 0xfeb80000, *entries),
                  t.ivhd(0x11, 2, 0xfeb80000, *entries, *more),
                  t.ivhd(0x40, 2, 0xfeb80000, *entries, *more, *named),
                  t.ivhd(0x11, 0x4002, 0xfec00000, t.entry(2, 0x4000), segment=1),
                  t.ivmd(0x20, 7, 0, 0, 0x10000, 0x1000), t.ivmd(0x21, 8, 0x60, 0, 0x20800, 1),
                  t.ivmd(0x22, 5, 0x100, 0x1ff, 0x30000, 0x2000),
                  t.ivmd(0x21, 6, 0x60, 0, 0x20000, 0x1000),
                  t.ivmd(0x21, 1, 0x60, 0, 0x20000, 0x1000),
                  t.ivmd(0x22, 7, 0x300, 0x1ff, 0x20000, 0x1000),
                  t.ivmd(0x22, 7, 0x300, 0x3ff, 0x20000, 0x1000, segment=1),
                  struct.pack("<BBH", 0x50, 0, 8) + b"\1\2\3\4")


WRITTEN = {"small.dmar": small_dmar, "full.dmar": full_dmar, "full.ivrs": full_ivrs}


def given():
    """The tables in the folder NYX_TABLES, without which there are none."""
    folder = os.environ.get("NYX_TABLES")
    files = sorted(pathlib.Path(folder).rglob("*")) if folder else []
    return [(path.name, path.read_bytes()) for path in files
            if path.is_file() and path.open("rb").read(4) in (b"DMAR", b"IVRS")]


class InFolder(unittest.TestCase):
    """Tests with a folder of their own."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)

    def run_on(self, data, *options):
        path = self.folder / "table"
        path.write_bytes(data)
        return run(*options, "firmware", str(path))

    def decoded(self, data):
        code, out, err = self.run_on(data, "--json")
        self.assertEqual(err, "")
        found = json.loads(out)
        self.assertEqual(errors("firmware", found), [])
        return code, found

    def compare(self, data):
        """Compares a table with what the second decoder says. Returns what nyxctl says."""
        code, found = self.decoded(data)
        self.assertIn(code, (0, 1, 5))
        self.assertEqual(code == 5, found["refused"])
        self.assertEqual(code == 5, [f["verdict"] for f in found["findings"]].count("refused"))
        self.assertEqual(code == 1, bool(not found["refused"] and (
            found["findings"] or not found["module"]["loads"])))
        lines = [f["text"] for f in found["findings"]]
        shown = found["header"].pop("findings")
        for structure in found["structures"]:
            shown += structure.pop("findings")
        self.assertEqual(sorted(shown), sorted(lines))
        self.assertEqual(found["structures"], t.decode(data))
        self.assertEqual(found["header"], t.decode_header(data))
        return found


class Decodes(InFolder):
    """All fields, in the words of the specifications."""

    def test_written(self):
        for name, make in WRITTEN.items():
            with self.subTest(name=name):
                found = self.compare(make())
                self.assertTrue(found["module"]["loads"])

    def test_given(self):
        for name, data in given():
            with self.subTest(name=name):
                self.compare(data)

    def test_literal(self):
        """The decoder of the tests is right about one table."""
        header, (first, rest, memory) = t.decode_header(small_dmar()), t.decode(small_dmar())
        self.assertEqual((header["length"], header["checksum_state"], header["flags"]),
                         (48 + 24 + 32 + 32, "good", ["INTR_REMAP"]))
        self.assertEqual((first["offset"], first["name"], first["register_base"]),
                         (48, "DRHD", "0xfed90000"))
        self.assertEqual((rest["flags"], [s["name"] for s in rest["scopes"]]),
                         (["INCLUDE_PCI_ALL"], ["I/O APIC", "HPET"]))
        self.assertEqual((memory["base"], memory["limit"], memory["scopes"][0]["path"]),
                         ("0x7b800000", "0x7fffffff", ["02.0"]))

    def test_people(self):
        """The text for people has each value that is in the JSON."""
        for name, make in WRITTEN.items():
            with self.subTest(name=name):
                _, out, _ = self.run_on(make())
                for structure in t.decode(make()):
                    self.assertIn(f"{structure['name']} at 0x{structure['offset']:04x}, ", out)
                    for key, value in structure.items():
                        if isinstance(value, str):
                            self.assertIn(value, out, key)
                _, found = self.decoded(make())
                for finding in found["findings"]:
                    self.assertEqual(out.count(finding["text"]), 1)
                for unit in found["module"]["units"]:
                    self.assertIn(f"  {unit['unit']}, registers {unit['registers']}", out)


class Breaks(InFolder):
    """Cut and broken tables."""

    def test_cut(self):
        for name, make in WRITTEN.items():
            data = make()
            for length in range(4, len(data), 7):
                with self.subTest(name=name, length=length):
                    self.assertTrue(self.compare(data[:length])["refused"])

    def test_broken(self):
        rng = random.Random(settings.seed)
        for number in range(MUTANTS):
            data = bytearray(rng.choice(list(WRITTEN.values()))())
            for _ in range(rng.randrange(1, 5)):
                data[rng.randrange(36, len(data))] = rng.choice((0, 1, 255, rng.randrange(256)))
            with self.subTest(number=number):
                found = self.compare(t.seal(data))
                self.check_regions(found)

    def check_regions(self, found):
        """What the parser left out is what has such a finding."""
        regions = found["module"]["reserved"]
        named = [s["offset"] for s in found["structures"] if s["name"][:4] in ("RMRR", "IVMD")]
        if found["refused"] or not found["module"]["loads"]:
            return
        self.assertEqual([r["offset"] for r in regions], named)
        if len(found["findings"]) >= 16:
            return
        for region in regions:
            length = [s["length"] for s in found["structures"]
                      if s["offset"] == region["offset"]][0]
            lost = [f for f in found["findings"] if f["verdict"] in ("skipped", "unknown")
                    and region["offset"] <= f["offset"] < region["offset"] + length]
            self.assertTrue(region["used"] or lost)

    def test_nothing(self):
        for data in (b"", b"DMA", b"FACP" + bytes(100), b"\0" * 48):
            with self.subTest(data=data):
                code, out, err = self.run_on(data)
                self.assertEqual((code, out), (5, ""))
                self.assertRegex(err, "^nyxctl: .* is neither a DMAR nor an IVRS table\n$")

    def test_control_characters(self):
        """A name in the table cannot change the terminal, or break the JSON."""
        name = b"\\_SB.\x1b[31m\xff\xfe\0"
        data = t.dmar(t.drhd(0xfed90000, t.scope(5, 1, 0, (21, 1))),
                      t.remapping(4, b"\0\0\0\1" + name))
        _, out, err = self.run_on(data)
        self.assertEqual(err, "")
        self.assertNotIn("\x1b", out)
        self.compare(data)

    def test_arguments(self):
        for arguments, code in ((("--all",), 2), (("a", "b"), 2), (("/nonexistent/x",), 5),
                                (("/",), 5)):
            with self.subTest(arguments=arguments):
                got, out, err = run("firmware", *arguments)
                self.assertEqual((got, out, err.count("\n")), (code, "", 1))


class Finds(InFolder):
    """Findings are those of the module, next to what they are about."""

    def findings(self, data):
        code, found = self.decoded(data)
        return code, [f["text"] for f in found["findings"]], found

    def test_checksum(self):
        data = bytearray(small_dmar())
        data[9] = (data[9] + 5) % 256
        code, lines, found = self.findings(bytes(data))
        self.assertEqual((code, lines), (1, ["[Firmware Bug]: DMAR: header at offset 0: "
                                             "checksum is wrong (0x5): continuing"]))
        self.assertEqual(found["header"]["findings"], lines)
        self.assertEqual(found["header"]["checksum_state"], "wrong")

    def test_unit(self):
        data = t.dmar(t.drhd(0xfed90000, everything=1), t.drhd(0x800, t.scope(1, 0, 0, (2, 0))))
        code, lines, found = self.findings(data)
        self.assertEqual((code, lines), (1, [
            "[Firmware Bug]: DMAR: DRHD at offset 0x40: register base is not 4 KiB aligned "
            "(0x800): skipped"]))
        self.assertEqual(found["structures"][1]["findings"], lines)
        self.assertEqual([(u["unit"], u["used"]) for u in found["module"]["units"]],
                         [("vtd0", True), ("vtd1", False)])

    def test_refused(self):
        data = t.ivrs(t.ivhd(0x11, 2, 0xfeb80000, t.entry(3, 5)))
        code, lines, found = self.findings(data)
        self.assertEqual((code, lines), (5, [
            "[Firmware Bug]: IVRS: IVHD at offset 0x30: range has no end (0x5): "
            "table refused, update the firmware"]))
        self.assertEqual((found["module"]["loads"], found["module"]["why_not"]),
                         (False, "the table is refused"))

    def test_opt_out(self):
        code, lines, found = self.findings(t.dmar(t.drhd(0xfed90000, everything=1), flag=9))
        self.assertEqual((code, lines, found["module"]["loads"]), (1, [], False))
        self.assertIn("DMA_REMAP_OPT_OUT", found["module"]["why_not"])


class Plans(InFolder):
    """What the module would do with a table of some machine."""

    def plan(self, data):
        return self.decoded(data)[1]["module"]

    def test_dmar(self):
        plan = self.plan(full_dmar())
        self.assertEqual([(u["unit"], u["registers"], u["segment"], u["serves_rest"],
                           u["compatibility_format"], u["proximity_domain"])
                          for u in plan["units"]],
                         [("vtd0", "0xfed90000", "0000", False, False, None),
                          ("vtd1", "0xfed93000", "0000", False, False, None),
                          ("vtd2", "0xfed91000", "0000", True, True, 5),
                          ("vtd3", "0x1fed90000", "0012", True, False, None)])
        self.assertTrue(all(u["used"] and u["interrupt_remapping"] for u in plan["units"]))
        self.assertEqual([(r["used"], r.get("first"), r.get("last"),
                           [d["device"] for d in r.get("devices", [])])
                          for r in plan["reserved"]],
                         [(True, "0x1000", "0x1fff", ["0000:00:14.0", "0000:00:02.0"]),
                          (False, None, None, []),
                          (True, "0x5000", "0x6fff", ["0000:00:1c.0"])])
        self.assertEqual([plan["io_apics"], plan["hpets"]],
                         [[{"id": 2, "unit": "vtd2", "source": "0000:f0:1f.0"}],
                          [{"id": 7, "unit": "vtd2", "source": "0000:00:1f.0"}]])
        self.assertEqual([(a["device"], a["unit"]) for a in plan["acpi_devices"]],
                         [("\\_SB.PCI0.I2C1", "vtd2")])

    def test_ignored_regions(self):
        """Invalid ones, before a valid one with the same pages."""
        device = t.scope(1, 0, 0, (20, 0))
        plan = self.plan(t.dmar(
            t.drhd(0xfed90000, everything=1), t.rmrr(0x1800, 0x1000, device),
            t.rmrr(0x1000, 0x1fff), t.rmrr(0x1000, 0x1fff, t.scope(1, 0, 0, (32, 0)), device),
            t.rmrr(0x1000, 0x1fff, t.scope(9, 0, 0, (1, 0))), t.rmrr(0x1000, 0x1fff, device)))
        self.assertEqual([r["used"] for r in plan["reserved"]], [False] * 4 + [True])
        self.assertEqual([d["device"] for d in plan["reserved"][4]["devices"]],
                         ["0000:00:14.0"])

    def test_intr_remap(self):
        plan = self.plan(t.dmar(t.drhd(0xfed90000, everything=1), flag=2))
        self.assertFalse(plan["units"][0]["interrupt_remapping"])
        self.assertTrue(any("INTR_REMAP is clear" in n for n in plan["notes"]))
        self.assertTrue(any(n.startswith("X2APIC_OPT_OUT") for n in plan["notes"]))

    def test_ivrs(self):
        plan = self.plan(full_ivrs())
        self.assertEqual([(u["unit"], u["registers"], u["segment"], u["device_id"],
                           u["ivhd_type"], u["interrupt_remapping"]) for u in plan["units"]],
                         [("amd0", "0xfeb80000", "0000", "00:00.2", 0x40, True),
                          ("amd1", "0xfec00000", "0001", "40:00.2", 0x11, True)])
        self.assertEqual([(r["used"], r.get("first"), r.get("last"), r.get("access"),
                           r.get("first_id"), r.get("last_id"), r.get("whole_bus"))
                          for r in plan["reserved"]],
                         [(True, "0x10000", "0x10fff", "rw", "00:00.0", "ff:1f.7", True),
                          (True, "0x20000", "0x20fff", "rw", "00:0c.0", "00:0c.0", False),
                          (True, "0x30000", "0x31fff", "w", "01:00.0", "01:1f.7", True)] +
                         [(False, None, None, None, None, None, None)] * 3 +
                         [(True, "0x20000", "0x20fff", "rw", "03:00.0", "03:1f.7", True)])
        self.assertEqual([(a["hid"], a["uid"], a["source"]) for a in plan["acpi_devices"]],
                         [("AMDI0020", "\\_SB.FUR0", "00:14.5"), ("MSFT0201", "1337", "00:0c.0"),
                          ("AMDI0096", None, "00:0c.1")])
        self.assertEqual(len([n for n in plan["notes"] if "higher type" in n]), 2)

    def test_no_io_apic(self):
        plan = self.plan(t.ivrs(t.ivhd(0x11, 2, 0xfeb80000, t.entry(1))))
        self.assertFalse(plan["units"][0]["interrupt_remapping"])
        self.assertIn("Interrupts are not remapped: the IVRS table names no I/O APIC.",
                      plan["notes"])


class Machine:
    """A machine made of a few files."""

    def __init__(self, folder):
        self.sys = folder / "sys"
        self.at = {}

    def put(self, name, data):
        path = self.sys / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def pci(self, name, above="", kind=0x020000, config=bytes(64)):
        """Adds a function below a bridge, or below the root bus that is named like pci0000:00."""
        where = self.at.get(above, self.sys / "devices" / above) / name
        where.mkdir(parents=True)
        (where / "class").write_text(f"0x{kind:06x}\n")
        (where / "config").write_bytes(config)
        self.at[name] = where
        link = self.sys / "bus/pci/devices" / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(where)
        return where

    def acpi(self, name, path, hid, uid=None):
        self.put(f"bus/acpi/devices/{name}/path", path.encode() + b"\n")
        self.put(f"bus/acpi/devices/{name}/hid", hid.encode() + b"\n")
        if uid is not None:
            self.put(f"bus/acpi/devices/{name}/uid", uid.encode() + b"\n")

    def table(self, name, data):
        self.put(f"firmware/acpi/tables/{name}", data)


def madt(*ioapics):
    data = struct.pack("<4sIBB6s8sI4sI8x", b"APIC", 0, 5, 0, b"NYXOEM", b"NYXTABLE", 1, b"NYXC", 1)
    for number in ioapics:
        data += struct.pack("<BBBBII", 1, 12, number, 0, 0xfec00000, 0)
    return t.seal(data)


class Live(InFolder):
    """The table of this machine, with the devices that it has."""

    def setUp(self):
        super().setUp()
        self.machine = Machine(self.folder)

    def live(self, *arguments):
        code, out, err = run("--json", "firmware", *arguments, sysfs=self.machine.sys)
        self.assertEqual(err, "")
        found = json.loads(out)
        self.assertEqual(errors("firmware", found), [])
        return code, found, found["module"]

    def make_intel(self):
        add = self.machine.pci
        add("0000:00:00.0", "pci0000:00", 0x060000)
        add("0000:00:02.0", "pci0000:00", 0x030000)
        add("0000:00:0e.0", "pci0000:00", 0x010400)
        add("0000:00:14.0", "pci0000:00", 0x0c0330)
        add("0000:00:1c.0", "pci0000:00", 0x060400)
        card = add("0000:03:00.0", "0000:00:1c.0")
        add("0000:03:10.0", "0000:00:1c.0").joinpath("physfn").symlink_to(card)
        add("0000:80:02.0", "pci0000:80", 0x060000)
        add("0001:00:02.0", "pci0001:00")
        # Below a VMD, whose requester ID its devices use.
        self.machine.at["vmd"] = self.machine.at["0000:00:0e.0"] / "pci10000:e0"
        add("10000:e0:02.0", "vmd", 0x010802)
        self.machine.acpi("I2C1:00", "\\_SB_.PCI0.I2C1", "INT3433")
        self.machine.table("APIC", madt(2))

    def intel_table(self):
        return t.dmar(
            t.drhd(0xfed90000, t.scope(1, 0, 0, (2, 0)), t.scope(1, 0, 0, (3, 0))),
            t.drhd(0xfed92000, t.scope(1, 0, 0, (31, 0))),
            t.drhd(0xfed93000, t.scope(2, 0, 0, (28, 0)), t.scope(1, 0, 0, (14, 0))),
            t.drhd(0xfed91000, t.scope(3, 2, 0xf0, (31, 0)), t.scope(5, 1, 0, (21, 1)),
                   t.scope(5, 2, 0, (21, 2)), everything=1),
            t.rmrr(0x1000, 0x1fff, t.scope(1, 0, 0, (20, 0)), t.scope(1, 0, 0, (2, 0)),
                   t.scope(5, 1, 0, (21, 1)), t.scope(5, 2, 0, (21, 2))),
            t.rmrr(0x7000, 0x7fff, t.scope(1, 0, 0, (2, 0)), segment=1),
            t.rmrr(0x3000, 0x3fff, t.scope(1, 0, 0, (28, 0), (0, 0)),
                   t.scope(1, 0, 0, (28, 0), (1, 0))),
            t.rmrr(0x5000, 0x5fff, t.scope(2, 0, 0, (28, 0))),
            t.remapping(4, b"\0\0\0\1" + b"\\_SB.PCI0.I2C1\0"),
            t.remapping(4, b"\0\0\0\2" + b"\\_SB.PCI0.I2C2\0"))

    def test_intel(self):
        self.make_intel()
        self.machine.table("DMAR", self.intel_table())
        for arguments in ((), ("--live",)):
            code, found, plan = self.live(*arguments)
            self.assertEqual((code, found["live"], plan["loads"]), (0, True, True))
        self.assertEqual([(u["unit"], u["used"], u["why_not"]) for u in plan["units"]],
                         [("vtd0", True, None),
                          ("vtd1", False, "none of its devices is present"),
                          ("vtd2", True, None), ("vtd3", True, None)])
        self.assertEqual({d["device"]: d["unit"] for d in plan["devices"]},
                         {"0000:00:00.0": "vtd3", "0000:00:02.0": "vtd0",
                          "0000:00:0e.0": "vtd2", "0000:00:14.0": "vtd3",
                          "0000:00:1c.0": "vtd2", "0000:03:00.0": "vtd2",
                          "0000:03:10.0": "vtd2", "0000:80:02.0": "vtd3",
                          "0001:00:02.0": None, "10000:e0:02.0": "vtd2"})
        self.assertEqual([[(d["device"], d["vfio"]) for d in r["devices"]]
                          for r in plan["reserved"]],
                         [[("\\_SB.PCI0.I2C1", "refused"), ("0000:00:02.0", "allowed"),
                           ("0000:00:14.0", "allowed")], [],
                          [("0000:03:00.0", "refused")],
                          [("0000:00:1c.0", "refused"), ("0000:03:00.0", "refused"),
                           ("0000:03:10.0", "refused")]])
        self.assertEqual([(a["where"], a["device"]) for a in plan["absent"]],
                         [("DRHD", "0000:00:03.0"), ("DRHD", "0000:00:1f.0"),
                          ("DRHD", "\\_SB.PCI0.I2C2"), ("RMRR", "\\_SB.PCI0.I2C2"),
                          ("RMRR", "0000:00:1c.0/01.0")])

    def test_virtual_function(self):
        """It has the unit of its physical function, but not the memory reserved for that."""
        self.make_intel()
        card = t.scope(1, 0, 0, (28, 0), (0, 0))
        self.machine.table("DMAR", t.dmar(t.drhd(0xfed90000, card),
                                          t.drhd(0xfed91000, everything=1),
                                          t.rmrr(0x1000, 0x1fff, card)))
        _, _, plan = self.live()
        units = {d["device"]: d["unit"] for d in plan["devices"]}
        self.assertEqual([units[f"0000:{name}"] for name in ("00:1c.0", "03:00.0", "03:10.0")],
                         ["vtd1", "vtd0", "vtd0"])
        self.assertEqual([d["device"] for d in plan["reserved"][0]["devices"]],
                         ["0000:03:00.0"])

    def test_unnamed_io_apic(self):
        """The module finds it when it compares the table with the MADT."""
        self.make_intel()
        self.machine.table("DMAR", self.intel_table())
        self.machine.table("APIC", madt(2, 9))
        code, found, plan = self.live()
        self.assertEqual((code, [f["where"] for f in found["findings"]]), (1, ["MADT"]))
        self.assertIn("no unit for I/O APIC 9:", found["findings"][0]["text"])
        self.assertEqual([u["compatibility_format"] for u in plan["units"]],
                         [True, False, True, True])

    def test_no_unit(self):
        """The module loads only if it uses a unit."""
        self.machine.pci("0000:00:00.0", "pci0000:00", 0x060000)
        self.machine.table("DMAR", t.dmar(t.drhd(0xfed90000, t.scope(1, 0, 0, (2, 0)))))
        code, _, plan = self.live()
        self.assertEqual((code, plan["loads"], plan["why_not"]),
                         (1, False, "no unit can be used"))

    def test_ats(self):
        """ATSRs and SATCs decide which of the devices with a capability get ATS."""
        config = bytearray(4096)
        config[6], config[0x34], config[0x40:0x44] = 0x10, 0x40, b"\x10\0\2\0"
        ats = bytes(config[:0x100]) + struct.pack("<IHH", 0xf, 0x20, 0) + bytes(3832)
        config[0x42] = 0x42
        for name, below in (("0000:00:01.0", "0000:01:00.0"), ("0000:00:02.0", "0000:02:00.0")):
            self.machine.pci(name, "pci0000:00", 0x060400, bytes(config))
            self.machine.pci(below, name, 0x020000, ats)
        self.machine.pci("0000:02:00.1", "0000:00:02.0", 0x020000, bytes(config))
        self.machine.pci("0000:00:08.0", "pci0000:00", 0x120000, ats)
        self.machine.pci("0000:00:09.0", "pci0000:00", 0x120000, ats)
        self.machine.table("DMAR", t.dmar(
            t.drhd(0xfed90000, everything=1),
            t.remapping(2, struct.pack("<BBH", 0, 0, 0), t.scope(2, 0, 0, (1, 0))),
            t.remapping(5, struct.pack("<BBH", 1, 0, 0), t.scope(1, 0, 0, (8, 0)))))
        _, _, plan = self.live()
        self.assertEqual({d["device"]: d["ats"] for d in plan["devices"]},
                         {"0000:00:01.0": None, "0000:01:00.0": True, "0000:00:02.0": None,
                          "0000:02:00.0": False, "0000:02:00.1": None, "0000:00:08.0": False,
                          "0000:00:09.0": True})

    def make_amd(self, capability=0x0003000f):
        config = bytearray(256)
        struct.pack_into("<I", config, 0x40, capability)
        add = self.machine.pci
        add("0000:00:00.2", "pci0000:00", 0x080600, bytes(config))
        add("0000:00:01.1", "pci0000:00", 0x060400)
        add("0000:01:00.0", "0000:00:01.1")
        add("0000:00:0c.0", "pci0000:00", 0x0c0330)
        add("0000:00:14.5", "pci0000:00")
        add("0001:00:00.0", "pci0001:00")
        self.machine.acpi("AMDI0020:00", "\\_SB_.FUR0", "AMDI0020", "0")
        self.machine.acpi("MSFT0201:00", "\\_SB_.TPM0", "MSFT0201", "1")
        self.machine.table("APIC", madt(33))

    def amd_table(self):
        return t.ivrs(t.ivhd(0x40, 2, 0xfeb80000, t.entry(3, 3), t.entry(4, 0xa4),
                             t.entry(0x43, 0x100) + struct.pack("<BHB", 0, 0xa5, 0),
                             t.entry(4, 0x1ff),
                             t.special(33, 0xa0, 1),
                             t.acpi(0xa5, b"AMDI0020", 2, b"\\_SB.FUR0"),
                             t.acpi(0xa6, b"AMDI0020", 2, b"\\_SB.FUR1"),
                             t.acpi(0x60, b"MSFT0201", 1, b"\1"),
                             t.acpi(0x61, b"MSFT0202", 1, b"\1")),
                      t.ivmd(0x21, 7, 0x60, 0, 0x20000, 0x1000),
                      t.ivmd(0x21, 7, 0xa5, 0, 0x30000, 0x1000))

    def test_amd(self):
        self.make_amd()
        self.machine.table("IVRS", self.amd_table())
        code, found, plan = self.live()
        self.assertEqual((code, found["header"]["signature"], plan["loads"]), (0, "IVRS", True))
        self.assertEqual([(u["unit"], u["used"]) for u in plan["units"]], [("amd0", True)])
        self.assertEqual({d["device"]: (d["unit"], d["alias"]) for d in plan["devices"]},
                         {"0000:00:00.2": (None, None), "0000:00:01.1": ("amd0", None),
                          "0000:01:00.0": ("amd0", "00:14.5"), "0000:00:0c.0": ("amd0", None),
                          "0000:00:14.5": (None, None), "0001:00:00.0": (None, None)})
        self.assertEqual([[d["device"] for d in r["devices"]] for r in plan["reserved"]],
                         [["0000:00:0c.0"], ["0000:01:00.0"]])
        self.assertEqual([a["device"] for a in plan["absent"]],
                         ["AMDI0020:\\_SB.FUR1", "MSFT0202:1"])

    def test_hidden_unit(self):
        """A unit whose function is no IOMMU stays off."""
        self.make_amd(capability=0x0002000f)
        self.machine.table("IVRS", self.amd_table())
        code, _, plan = self.live()
        self.assertEqual((code, plan["loads"]), (1, False))
        self.assertEqual([(u["used"], u["why_not"]) for u in plan["units"]],
                         [(False, "there is no IOMMU at its DeviceID")])
        self.assertEqual({d["why_not"] for d in plan["devices"] if d["device"] == "0000:00:0c.0"},
                         {"its unit stays off"})

    def test_contested(self):
        """Two units name a device, and its root bus does not decide."""
        self.make_amd()
        self.machine.pci("0000:40:00.2", "pci0000:40", 0x080600,
                         self.machine.at["0000:00:00.2"].joinpath("config").read_bytes())
        self.machine.pci("0000:60:00.0", "pci0000:60")
        self.machine.pci("0000:40:01.1", "pci0000:40", 0x060400)
        self.machine.pci("0000:41:00.0", "0000:40:01.1")
        self.machine.table("IVRS", t.ivrs(
            t.ivhd(0x11, 2, 0xfeb80000, t.entry(3, 3), t.entry(4, 0xffff)),
            t.ivhd(0x11, 0x4002, 0xfec00000, t.entry(3, 0x4003), t.entry(4, 0xffff))))
        _, _, plan = self.live()
        units = {d["device"]: (d["unit"], d["why_not"]) for d in plan["devices"]}
        self.assertEqual(units["0000:60:00.0"],
                         (None, "several units claim it: it stays untranslated"))
        self.assertEqual(units["0000:00:0c.0"], ("amd0", None))
        self.assertEqual(units["0000:41:00.0"], ("amd1", None))

    def test_unnamed_amd(self):
        self.make_amd()
        self.machine.table("APIC", madt(33, 34))
        self.machine.table("IVRS", self.amd_table())
        code, found, plan = self.live()
        self.assertEqual((code, len(found["findings"])), (1, 1))
        self.assertFalse(plan["units"][0]["interrupt_remapping"])

    def test_odd_sysfs(self):
        """Files that make no sense are no reason to crash."""
        self.make_intel()
        self.machine.table("DMAR", self.intel_table())
        self.machine.table("APIC", b"APIC\xff\xff\xff\xff" + bytes(40) + b"\1\2\1\xff\1\0")
        self.machine.pci("nonsense", "pci0000:00")
        self.machine.pci("0000:00:1f.9", "pci0000:00")
        self.machine.acpi("A:00", "", "")
        self.machine.acpi("B:00", "\\" * 99 + ".toolongname", "X", "Y")
        self.machine.put("bus/acpi/devices/C:00/hid", b"\xff")
        self.assertEqual(self.live()[0], 0)

    def test_no_table(self):
        self.machine.sys.mkdir()
        code, out, err = run("firmware", sysfs=self.machine.sys)
        self.assertEqual((code, out, err.count("\n")), (5, "", 1))
        self.assertIn("neither DMAR nor IVRS: enable the IOMMU", err)

    def test_needs_root(self):
        self.machine.table("DMAR", small_dmar())
        subprocess.run(["chmod", "-R", "a+rX", self.folder], check=True)
        self.machine.sys.joinpath("firmware/acpi/tables/DMAR").chmod(0o400)
        code, out, err = run_as_nobody(f"--sysfs={self.machine.sys}", "firmware", folder="/")
        self.assertEqual((code, out), (4, ""))
        self.assertIn("needs root", err)
