# SPDX-License-Identifier: GPL-2.0-only
"""The command doctor, on machines that are described by a few files."""
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

from common import RECORDED, read_table, run, settings

RELEASE = os.uname().release
# Folders of the machine that have no option. They are replaced in a namespace of mounts.
PLACES = {"boot": "/boot", "modules": "/usr/lib/modules", "kdump": "/var/lib/kdump"}
MOUNT = 'while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"'
VERSION = RECORDED.parents[2] / "drivers/iommu/nyx/version.h"


class Doctors(unittest.TestCase):
    """Each finding, on a machine where everything else is fine."""

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        shutil.copytree(RECORDED / "intel", self.folder / "debugfs")
        self.put("sys/module/nyx_iommu/version", VERSION.read_text().split('"')[1] + "\n")
        self.put("sys/kernel/security/lockdown", "[none] integrity confidentiality\n")
        self.put("sys/kernel/kexec_crash_size", "268435456\n")
        self.put("sys/kernel/kexec_crash_loaded", "1\n")
        self.put("proc/sys/kernel/tainted", "12288\n")
        self.put(f"modules/{RELEASE}/modules.dep", "updates/dkms/nyx_iommu.ko.xz:\n")
        self.put(f"boot/vmlinuz-{RELEASE}", "")
        self.put(f"boot/initrd.img-{RELEASE}", "usr/lib/modules/x/nyx_iommu.ko\n")
        self.put(f"kdump/initrd.img-{RELEASE}", "usr/lib/modules/x/nyx_iommu.ko.zst\n")
        # What it prints is the content of the file.
        self.put("bin/lsinitramfs", "#!/bin/sh\nexec cat \"$1\"\n")
        (self.folder / "bin/lsinitramfs").chmod(0o755)
        for row, device in enumerate(read_table(self.folder / "debugfs/devices")):
            self.change("devices", row, state="ACTIVE",
                        managed="yes" if device["managed"] == "yes" else "no")
        for row, _ in enumerate(read_table(self.folder / "debugfs/faults")):
            self.change("faults", row, time_s=f"{time.monotonic() - 3700:.6f}")

    def tearDown(self):
        shutil.rmtree(self.folder)

    def put(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def change(self, name, row, **cells):
        path = self.folder / "debugfs" / name
        rows = read_table(path)
        rows[row].update(cells)
        lines = [" ".join(rows[0])] + [" ".join(r.values()) for r in rows]
        path.write_text("\n".join(lines) + "\n")

    def doctor(self, *options):
        mounts = []
        for name, place in PLACES.items():
            (self.folder / name).mkdir(exist_ok=True)
            pathlib.Path(place).mkdir(parents=True, exist_ok=True)
            mounts += [str(self.folder / name), place]
        process = subprocess.run(
            ["unshare", "--mount", "--propagation", "unchanged", "sh", "-euc", MOUNT, "sh", *mounts, "--", settings.program,
             f"--debugfs={self.folder}/debugfs", f"--sysfs={self.folder}/sys",
             f"--procfs={self.folder}/proc", *options, "doctor"],
            capture_output=True, text=True, timeout=60, check=False,
            env=os.environ | {"PATH": f"{self.folder}/bin:{os.environ['PATH']}"})
        self.assertEqual(process.stderr, "")
        return process.returncode, process.stdout

    def findings(self):
        code, out = self.doctor("--json")
        return code, [f for f in json.loads(out) if f["result"] != "ok"]

    def expect(self, result, check, text, remedy):
        """There is one finding that is not fine, and it is this one."""
        code, findings = self.findings()
        self.assertEqual([f["check"] for f in findings], [check], findings)
        self.assertEqual((code, findings[0]["result"]), (result == "attention", result))
        self.assertIn(text, findings[0]["text"])
        self.assertIn(remedy, findings[0]["remedy"])

    def test_healthy(self):
        self.assertEqual(self.findings(), (0, []))
        code, out = self.doctor()
        self.assertEqual((code, out.splitlines()[-1]), (0, "nothing needs attention"))
        self.assertTrue(all(l.startswith("ok  ") for l in out.splitlines()[:-1]), out)

    def test_version(self):
        self.put("sys/module/nyx_iommu/version", "9.9\n")
        self.expect("attention", "module", "version 9.9", "same source, and reboot")

    def test_parameters(self):
        for name, value, result, text in (
                ("nyx_iommu/parameters/adopt_interrupts", "N", "note", "adopt_interrupts=N"),
                ("nyx_iommu/parameters/intr_entries", "0", "attention", "forge"),
                ("nyx_iommu/parameters/register_based", "Y", "attention", "forge"),
                ("nyx_iommu/parameters/relax_reserved", "03:00.0", "note",
                 "relax_reserved=03:00.0"),
                ("nyx_iommu/parameters/intr_any_source", "03:*", "note", "can raise"),
                ("nyx_iommu/parameters/igfx", "identity", "note", "graphics"),
                ("nyx_iommu/parameters/fault_action", "log", "note", "not cut off"),
                ("nyx_iommu/parameters/takeover", "N", "note", "running unit"),
                ("vfio_iommu_type1/parameters/allow_unsafe_interrupts", "Y", "attention",
                 "VFIO accepts"),
                ("iommufd/parameters/allow_unsafe_interrupts", "Y", "attention",
                 "IOMMUFD accepts")):
            with self.subTest(name=name):
                self.put(f"sys/module/{name}", value + "\n")
                self.expect(result, "parameters", text,
                            "without" if name.startswith("nyx") else "echo N > /sys/module/")
                (self.folder / "sys/module" / name).unlink()

    def test_defaults(self):
        for name, value in (("adopt_interrupts", "Y"), ("intr_entries", "65536"),
                            ("relax_reserved", "(null)"), ("igfx", "kernel"),
                            ("fault_action", "quarantine"), ("takeover", "Y"),
                            ("diagnose", "N"), ("register_based", "N")):
            self.put(f"sys/module/nyx_iommu/parameters/{name}", value + "\n")
        self.assertEqual(self.findings(), (0, []))

    def test_kernel(self):
        for taint, text in ((16, "machine check"), (128, "an oops"), (512 + 4096, "a warning"),
                            (1 << 14, "soft lockup")):
            self.put("proc/sys/kernel/tainted", f"{taint}\n")
            self.expect("note", "kernel", text, "dmesg")
        self.put("proc/sys/kernel/tainted", "0\n")
        self.put("sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
        self.expect("note", "kernel", "locked down", "nyx/policy")

    def test_units(self):
        for cells, check, text in (
                ({"state": "dead"}, "units", "out of service"),
                ({"state": "off"}, "units", "does not translate"),
                ({"overflows": "3"}, "log", "full 3 times"),
                ({"flush_errors": "1"}, "invalidation", "1 invalidation")):
            with self.subTest(cells=cells):
                row = read_table(self.folder / "debugfs/units")[0]
                self.change("units", 0, **cells)
                self.expect("attention", check, text, "see ")
                self.change("units", 0, **row)

    def test_no_remapping(self):
        """The reason is in the last line of the capabilities."""
        self.change("units", 0, intr="off", compat="-")
        self.put("debugfs/vtd0/capabilities",
                 "register field value\nCAP ND 0x6\n- intr intr_entries=0\n")
        self.expect("attention", "remapping", "interrupts: intr_entries=0, so", "dmesg")
        self.put("debugfs/vtd0/capabilities",
                 "register field value\n- intr firmware_forbids_it\n")
        self.expect("attention", "remapping", "interrupts: firmware forbids it, so", "dmesg")

    def test_bypass(self):
        """Who lets interrupts bypass the unit is named, once."""
        self.change("units", 0, compat="allowed")
        for row, cells in enumerate((
                {"device": "IO-APIC-2", "unit": "-", "reason": "no_unit_serves_it"},
                {"device": "IO-APIC-2", "unit": "-", "reason": "no_unit_serves_it"},
                {"device": "0000:03:00.0", "reason": "adopt_interrupts=0"},
                {"device": "0000:04:00.0", "unit": "vtd7", "reason": "it_is_of_another"})):
            self.change("interrupts", row, state="passes", **cells)
        self.expect("attention", "bypass",
                    "come from IO-APIC-2 (no unit serves it), "
                    "0000:03:00.0 (adopt_interrupts=0)", "compat_interrupts=block")
        for row in range(4, 8):
            self.change("interrupts", row, state="passes", device=f"0000:0{row}:00.0",
                        reason="adopt_interrupts=0")
        self.assertIn("0000:04:00.0 (adopt_interrupts=0) and 3 more",
                      self.findings()[1][0]["text"])

    def test_interrupts(self):
        self.change("interrupts", 0, state="blocked", device="IO-APIC-2", reason="x_y")
        self.expect("attention", "interrupts", "lost: IO-APIC-2 (x y)", "compat_interrupts")
        self.change("interrupts", 0, state="passes", device="IO-APIC-2", reason="x_y")
        self.expect("note", "interrupts", "not remapped: IO-APIC-2 (x y)", "AMD-Vi")

    def test_devices(self):
        device = read_table(self.folder / "debugfs/devices")[0]["device"]
        for cells, text, remedy in (
                ({"state": "QUARANTINED"}, "cut off", f"nyxctl reset {device}"),
                ({"state": "DISABLED"}, "cut off", f"nyxctl reset {device}"),
                ({"entry": "isolated"}, "isolated", f"nyxctl reset {device}"),
                ({"ats": "lost"}, "lost ATS", "remove"),
                ({"managed": "waiting", "driver": "nvme"}, f"unbound: {device} (nvme)",
                 "initramfs")):
            with self.subTest(cells=cells):
                row = read_table(self.folder / "debugfs/devices")[0]
                self.change("devices", 0, **cells)
                self.expect("attention", "devices", text, remedy)
                self.change("devices", 0, **row)

    def test_identity(self):
        rows = read_table(self.folder / "debugfs/devices")
        row = next(i for i, r in enumerate(rows) if r["managed"] == "yes")
        self.change("devices", row, entry="identity")
        self.expect("note", "identity", f"all memory: {rows[row]['device']}", "type")

    def test_faults(self):
        last = len(read_table(self.folder / "debugfs/faults")) - 1
        self.change("faults", last, time_s=f"{time.monotonic() - 3500:.6f}", device="0000:09:00.0")
        self.expect("attention", "faults", "1 fault in the last hour: 0000:09:00.0",
                    f"explain {last + 1}")

    def group(self, number, *devices):
        for device in devices:
            self.put(f"sys/bus/pci/devices/{device}/config", "\0" * 256)
            self.put(f"sys/kernel/iommu_groups/{number}/devices/{device}/x", "")

    def test_groups(self):
        self.group(3, "0000:03:00.0")
        self.group(4, "0000:00:1f.0", "0000:00:1f.2", "0000:00:1f.3", "0000:00:1f.4")
        self.expect("note", "groups", "group 4 has 4 devices: 0000:00:1f.0, 0000:00:1f.2, "
                    "0000:00:1f.3 and 1 more; 0000:00:1f.0 is a function without ACS", "slots")
        # A bridge is not assigned.
        self.put("sys/bus/pci/devices/0000:03:00.1/config", "\0" * 14 + "\1" + "\0" * 241)
        shutil.rmtree(self.folder / "sys/kernel/iommu_groups/4")
        self.put("sys/kernel/iommu_groups/3/devices/0000:03:00.1/x", "")
        self.assertEqual(self.findings(), (0, []))

    def test_reserved(self):
        self.group(3, "0000:03:00.0")
        regions = "sys/kernel/iommu_groups/3/reserved_regions"
        self.put(regions, "0x00 0xff direct-relaxable\n0xfee00000 0xfeefffff msi\n")
        self.assertEqual(self.findings(), (0, []))
        self.put(regions, "0x30000000 0x30001fff direct\n0xfee00000 0xfeefffff msi\n")
        self.expect("note", "reserved", "group 3 (0000:03:00.0)", "relax_reserved")

    def test_initramfs(self):
        self.put(f"boot/initrd.img-{RELEASE}", "usr/lib/modules/x/nvme.ko\n")
        self.expect("note", "initramfs", f"initrd.img-{RELEASE} does not have", "update-initramfs")
        (self.folder / f"boot/initrd.img-{RELEASE}").unlink()
        self.expect("note", "initramfs", "not known", "tools")
        self.put(f"boot/initramfs-{RELEASE}.img", "usr/lib/modules/x/nyx_iommu.ko.xz\n")
        (self.folder / "bin/lsinitramfs").rename(self.folder / "bin/lsinitrd")
        self.assertEqual(self.findings(), (0, []))

    def test_no_lister(self):
        (self.folder / "bin/lsinitramfs").unlink()
        _, findings = self.findings()
        self.assertEqual([(f["check"], f["result"]) for f in findings],
                         [("initramfs", "note"), ("kdump", "note")])

    def test_next_kernel(self):
        """The order is that of versions; a kernel without an image does not count."""
        self.put("modules/98.9.1/modules.dep", "")
        self.put("modules/98.10.0/modules.dep", "updates/dkms/nyx_iommu.ko:\n")
        self.put("modules/99.0.0/modules.dep", "")
        self.put("boot/vmlinuz-98.9.1", "")
        self.put("modules/98.10.0/vmlinuz", "")
        self.assertEqual(self.findings(), (0, []))
        self.put("modules/98.10.0/modules.dep", "kernel/drivers/xnyx_iommu.ko:\n")
        self.expect("attention", "next-kernel", "98.10.0, does not have", "-k 98.10.0")

    def test_kdump(self):
        self.put(f"kdump/initrd.img-{RELEASE}", "usr/lib/modules/x/nvme.ko\n")
        self.expect("attention", "kdump", f"/var/lib/kdump/initrd.img-{RELEASE} does not",
                    f"kdump-tools {RELEASE}")
        self.put("sys/kernel/kexec_crash_loaded", "0\n")
        self.expect("attention", "kdump", "no capture kernel is loaded", "kdump-config load")
        self.put("sys/kernel/kexec_crash_size", "0\n")
        self.expect("note", "kdump", "no memory is reserved", "crashkernel=")

    def test_diagnose(self):
        """There are no tables, and the other checks run all the same."""
        self.put("sys/module/nyx_iommu/parameters/diagnose", "Y\n")
        for name in ("devices", "domains", "interrupts"):
            (self.folder / "debugfs" / name).unlink()
        self.expect("attention", "module", "diagnose=1", "rmmod")

    def test_no_debugfs(self):
        shutil.rmtree(self.folder / "debugfs")
        self.expect("attention", "module", "so little can be checked", "mount debugfs")

    def test_absent(self):
        code, out, err = run("doctor", folder="/nowhere", sysfs="/nowhere")
        self.assertEqual((code, out), (3, ""))
        self.assertEqual(err, "nyxctl: the module is not loaded; run: modprobe nyx_iommu\n")

    def test_report(self):
        """Of a report of another machine only the tables are checked."""
        process = subprocess.run([settings.program, f"--debugfs={RECORDED}/amd", "--json",
                                  "doctor"], capture_output=True, text=True, check=False)
        self.assertEqual((process.returncode, process.stderr), (1, ""))
        findings = json.loads(process.stdout)
        self.assertEqual({f["check"] for f in findings},
                         {"units", "remapping", "bypass", "interrupts", "invalidation",
                          "devices", "identity", "log"})
        cut_off = [d["device"] for d in read_table(RECORDED / "amd/devices")
                   if d["state"] != "ACTIVE"]
        self.assertEqual([f["text"] for f in findings if f["result"] == "attention"],
                         [f"{d} is cut off" for d in cut_off])
