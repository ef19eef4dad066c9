# SPDX-License-Identifier: GPL-2.0-only
"""Machines made of the recorded files, of which snapshots are taken, for the tests."""
import json
import pathlib
import shutil
import tempfile
import unittest

import jsonschema

from common import NYXCTL, RECORDED, run

# Files that are not recorded, with the columns of Documentation/debugfs.md.
SUMMARY = "version                                  0.1\n"
PASIDS = ("device       unit        pasid  domain domain_id page_requests\n"
          "0000:01:00.0 vtd0            1       2        10 no\n"
          "0000:01:00.0 vtd0            2 process        11 yes\n")
CAPABILITIES = "register field    value\nCAP      ND       0x6\nECAP     FSTS     0x0\n"
REGISTERS = "register offset value fields\nVER      0x000 0x0000000000000010 MAX=0x1,MIN=0x0\n"
LATENCY = ("name             op           count       min_ns    median_ns       p99_ns       "
           "max_ns histogram\n"
           "vtd0             flush          412         4096        16383        65535       "
           "131071 4096:22,8192:371\n"
           "domain-5         flush           21          128          511         2047        "
           "16383 128:21\n")
CMDLINE = ('BOOT_IMAGE=/vmlinuz root=UUID=31337-serial intel_iommu=off intremap=off quiet '
           'rd.luks.key=secret nyx-iommu.hunt=1 foo="a secret pci=nomsi" '
           'iommu.passthrough=0 -- secret quiet\n')
# Not tables of a real machine: only the length in the header matters.
DMAR = b"DMAR" + (48).to_bytes(4, "little") + bytes(range(40))
APIC = b"APIC" + (46).to_bytes(4, "little") + bytes(range(100, 138))


def validate(document, name):
    """Compares a document with a schema of the repository."""
    schema = json.loads(NYXCTL.joinpath("schema", name).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)


class Machine(unittest.TestCase):
    """A folder with the files of a machine: debugfs, sysfs and procfs."""

    vendor = "intel"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.debugfs, self.sys = self.folder / "debugfs", self.folder / "sys"
        shutil.copytree(RECORDED / self.vendor, self.debugfs)
        shutil.copytree(RECORDED / "sysfs", self.sys)
        unit = "vtd0" if self.vendor == "intel" else "amd0"
        self.put("debugfs/summary", SUMMARY)
        self.put("debugfs/pasids", PASIDS.replace("vtd0", unit))
        self.put("debugfs/latency", LATENCY.replace("vtd0", unit))
        self.put(f"debugfs/{unit}/capabilities", CAPABILITIES)
        self.put(f"debugfs/{unit}/registers", REGISTERS)
        self.put("debugfs/domain-2/page_table", "first_iova last_iova\n")
        self.put("debugfs/reset", "").chmod(0o200)
        self.put("sys/module/nyx_iommu/parameters/hunt", "0\n")
        self.put("sys/firmware/acpi/tables/DMAR", DMAR)
        self.put("sys/firmware/acpi/tables/APIC", APIC)
        self.put("proc/cmdline", CMDLINE)
        self.put("proc/sys/kernel/osrelease", "7.3.4-test\n")
        self.put("proc/sys/kernel/version", "#1 SMP\n")
        self.put("proc/sys/kernel/random/boot_id", "8d5e1c9c-0000-4000-8000-000000000001\n")
        device = self.sys / "bus/pci/devices/0000:01:00.0"
        device.joinpath("driver").symlink_to("../../../../bus/pci/drivers/nvme")
        device.joinpath("iommu_group").symlink_to("../../../kernel/iommu_groups/4")
        self.file = self.folder / "snapshot.json"

    def tearDown(self):
        shutil.rmtree(self.folder)

    def put(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            content = content.encode()
        path.write_bytes(content)
        return path

    def live(self, *args):
        """Runs nyxctl on this machine."""
        return run(f"--procfs={self.folder}/proc", *args, folder=self.debugfs, sysfs=self.sys)

    def take(self, path=None, code=0):
        """Takes a snapshot. Returns it."""
        path = path or self.file
        got, out, err = self.live("snapshot", str(path))
        self.assertEqual((got, out), (code, ""), err)
        self.error = err
        document = json.loads(path.read_text())
        validate(document, "snapshot.json")
        return document

    def put_snapshot(self, name, document):
        return str(self.put(name, json.dumps(document)))
