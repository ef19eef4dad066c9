# SPDX-License-Identifier: GPL-2.0-only
"""The commands that look at the machine: check, and what assign refuses."""
import json
import os
import pathlib
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

from common import run, settings


class Machine(unittest.TestCase):
    """A machine made of a few files, with a device that nothing uses."""

    DEVICE = "0000:01:00.0"

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.sys = self.folder / "sys"
        self.device = self.sys / "devices/pci0000:00" / self.DEVICE
        self.put(self.device / "config", "\0" * 256)
        self.put(self.device / "class", "0x010802\n")
        self.link(self.sys / "bus/pci/devices" / self.DEVICE, self.device)
        (self.sys / "class/iommu/vtd0").mkdir(parents=True)
        self.put(self.folder / "proc/self/mountinfo", "22 1 8:1 / / rw - ext4 /dev/sda1 rw\n")
        self.put(self.folder / "proc/swaps", "Filename Type Size Used Priority\n")

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


class Uses(Machine):
    """assign refuses a device that the machine uses.

    Where nothing uses the device, it fails later, because such a machine has no drivers.
    """

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

    def uses(self, *options, before=()):
        code, out, err = run(f"--procfs={self.folder}/proc", "assign", "--yes", *options,
                             self.DEVICE, sysfs=self.sys, before=before)
        self.assertEqual((code, out), (5, ""))
        used = "nyxctl: the machine uses a device; nothing was changed" in err
        self.assertNotEqual(used, "this kernel has no driver vfio-pci" in err, err)
        uses = re.findall(r"^  in use: (.*)$", err, re.M)
        self.assertEqual(used, bool(uses) and "--force" not in options, err)
        return uses

    def test_no_unit(self):
        """Without an IOMMU nothing would accept the device."""
        (self.sys / "class/iommu/vtd0").rmdir()
        code, out, err = run(f"--procfs={self.folder}/proc", "assign", "--yes", self.DEVICE,
                             sysfs=self.sys)
        self.assertEqual((code, out), (3, ""))
        self.assertEqual(err, "nyxctl: no IOMMU translates; run: modprobe nyx_iommu\n")

    def test_control_characters(self):
        """A device chooses its name, and a terminal obeys control characters."""
        keyboard = self.device / "usb1/1-1/1-1:1.0/input/input7"
        self.put(keyboard / "name", "\033[2J\033]0;x\007\u009b1m\r\n")
        self.link(self.sys / "class/input/input7", keyboard)
        self.assertEqual(self.uses(), ["?[2J?]0;x???1m? is connected to it"])

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

    def test_loop(self):
        """A loop device that is built from a partition; the other is built from a file."""
        disk = self.device / "ata1/block/sdz"
        self.disk(disk, "1000:0")
        self.disk(disk / "sdz1", "1000:1", "1")
        for name, number, file in (("loop97", "1001:0", "/dev/sdz1"), ("loop98", "1002:0", "/sdz")):
            loop = self.sys / "devices/virtual/block" / name
            self.disk(loop, number)
            self.put(loop / "loop/backing_file", file + "\n")
        self.put(self.folder / "proc/self/mountinfo",
                 "22 1 1001:0 / /srv rw - xfs x rw\n23 1 1002:0 / /mnt rw - xfs x rw\n")
        self.assertEqual(self.uses(), ["sdz1 is part of loop97", "loop97 is mounted at /srv"])

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
        # A process has opened the disk.
        self.put(self.folder / "proc/self/mountinfo", "")
        self.put(subsystem / "nvme0n1/dev", "1:3\n")
        self.link(self.folder / "proc/812/fd/5", "/dev/null")
        self.assertEqual(self.uses(), ["process 812:- has opened /dev/null"])

    def test_routes(self):
        """Routes of the kernel. Each interface has some to link-local and multicast addresses.

        A new namespace has only the interface of a loop, which is as good as any here.
        """
        self.interface("lo")
        self.interface("lo9")
        for commands, used in (
                ("route add 10.0.0.0/8 dev lo", True),
                ("route add 10.0.0.0/8 dev lo table 99", True),
                ("route add 10.0.0.0/8 table 99 nexthop dev lo nexthop dev lo", True),
                ("-6 route add 2001:db8::/32 dev lo", True),
                ("-6 route add default dev lo table 99", True),
                ("-6 route add fe80::/64 dev lo", False),
                ("-6 route add ff00::/8 dev lo", False),
                ("link show lo", False)):
            if "-6" in commands and not os.path.exists("/proc/net/if_inet6"):
                continue
            with self.subTest(commands):
                uses = self.uses(before=(
                    "unshare", "--net", "sh", "-ec",
                    f'ip link set lo up; ip address flush dev lo; ip {commands} >&2; exec "$@"',
                    "sh"))
                self.assertEqual(uses, ["lo has a network route"] if used else [])

    def test_pppoe(self):
        self.interface("eth9")
        self.interface("eth8")
        self.put(self.folder / "proc/net/pppoe", "Id       Address              Device\n"
                 "01000000 52:54:00:12:34:56     eth9\n")
        self.assertEqual(self.uses(), ["eth9 has a PPPoE session"])

    def namespace(self):
        """Moves a new interface to the namespace of a process that sleeps."""
        sleeper = subprocess.Popen(          # pylint: disable=consider-using-with
            ["unshare", "--net", "sh", "-c", "echo ready; exec sleep 600"],
            stdout=subprocess.PIPE, text=True)
        self.addCleanup(sleeper.wait)
        self.addCleanup(sleeper.kill)
        self.addCleanup(sleeper.stdout.close)
        self.assertEqual(sleeper.stdout.readline(), "ready\n")
        self.link(self.folder / f"proc/{sleeper.pid}/ns/net", f"/proc/{sleeper.pid}/ns/net")
        self.put(self.folder / f"proc/{sleeper.pid}/comm", "pod\n")

    def test_other_namespace(self):
        """An interface that exists, but is not seen. The namespace has only that of a loop."""
        (self.device / "net").mkdir()
        self.namespace()
        self.assertEqual(self.uses(), ["its interface is in another network namespace"])
        self.assertEqual(self.uses("--force"), ["its interface is in another network namespace"])
        (self.device / "net").rmdir()
        self.assertEqual(self.uses(), [])

    def test_other_namespace_of_a_part(self):
        """The interface is that of a device below, such as one of virtio or USB."""
        (self.device / "virtio9/net").mkdir(parents=True)
        self.assertEqual(self.uses(), ["its interface is in another network namespace"])

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

    def test_group(self):
        """A process has the group, and no file of the device."""
        self.link(self.device / "iommu_group", self.sys / "kernel/iommu_groups/7")
        self.put(self.sys / "class/vfio/7/dev", "1:3\n")
        self.put(self.folder / "proc/812/comm", "vm\n")
        self.link(self.folder / "proc/812/fd/5", "/dev/null")
        self.assertEqual(self.uses(), ["process 812:vm has its group"])

    def test_bridge(self):
        self.put(self.device / "config", "\0" * 14 + "\1" + "\0" * 241)
        _, _, err = run("assign", "--yes", self.DEVICE, sysfs=self.sys)
        self.assertIn("is a bridge: name the devices below it", err)


class Drivers(Machine):
    """Drivers that do not bind: assign, release and list, with a modprobe made of a script.

    The records are in /run/nyxctl, so that the devices have names that no machine has.
    """

    DEVICE = "fffe:01:00.0"
    DRIVER = "driver-x"

    def setUp(self):
        super().setUp()
        self.put(self.sys / "bus/pci/drivers/vfio-pci/bind", "")
        self.put(self.sys / "bus/pci/drivers_probe", "")
        self.put(self.device / "driver_override", "(null)\n")
        self.records = pathlib.Path("/run/nyxctl")
        self.addCleanup(self.remove_records)
        self.modprobe("")

    def recorded(self):
        return list(self.records.glob("fffe:*"))

    def remove_records(self):
        for path in self.recorded():
            path.unlink()

    def modprobe(self, line, shell="/bin/sh"):
        path = self.folder / "bin/modprobe"
        self.put(path, f"#!{shell}\n{line}\n")
        path.chmod(0o755)

    def record(self, driver, override=""):
        self.put(self.records / self.DEVICE, f"{driver}\n{override}\n")

    def bind(self, driver):
        (self.device / "driver").unlink(missing_ok=True)
        self.link(self.device / "driver", f"../../../bus/pci/drivers/{driver}")

    def nyxctl(self, *args, blocked=()):
        """Runs nyxctl with this modprobe and with signals blocked. Returns as run() does."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, blocked)
        try:
            process = subprocess.run(
                [settings.program, f"--sysfs={self.sys}", f"--procfs={self.folder}/proc", *args],
                env=dict(os.environ, PATH=f"{self.folder}/bin:{os.environ['PATH']}"),
                capture_output=True, text=True, timeout=60, check=False)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return process.returncode, process.stdout, process.stderr

    def test_stranded(self):
        """The driver does not bind. The record stays, and the device can be released."""
        self.record(self.DRIVER)
        code, out, _ = self.nyxctl("--json", "list")
        self.assertEqual(code, 0)
        self.assertEqual([(row["device"], row["process"], row["driver_before"])
                          for row in json.loads(out)], [(self.DEVICE, None, self.DRIVER)])
        code, out, _ = self.nyxctl("list")
        self.assertEqual(out.splitlines()[-2:],
                         ["0 devices are assigned",
                          f"{self.DEVICE} has no driver: run nyxctl release {self.DEVICE}"])
        code, _, err = self.nyxctl("release", self.DEVICE)
        self.assertEqual(code, 5)
        self.assertIn(f"the driver {self.DRIVER} did not bind {self.DEVICE} again", err)
        # vfio-pci does not bind it, either. The record still names the first driver.
        code, _, err = self.nyxctl("assign", "--yes", self.DEVICE)
        self.assertEqual(code, 5)
        self.assertIn(f"vfio-pci did not bind {self.DEVICE}", err)
        self.assertEqual((self.records / self.DEVICE).read_text(), f"{self.DRIVER}\n\n")
        self.modprobe(f"ln -s ../../../bus/pci/drivers/$2 {self.device}/driver")
        self.assertEqual(self.nyxctl("release", self.DEVICE), (0, "", ""))
        self.assertEqual(self.recorded(), [])
        self.assertEqual(self.nyxctl("--no-header", "list"), (0, "", ""))

    def test_stranded_member(self):
        """A device of the group is assigned, another has no driver: both are returned."""
        other = self.sys / "devices/pci0000:00/fffe:01:00.1"
        group = self.sys / "kernel/iommu_groups/7"
        self.put(other / "config", "\0" * 256)
        self.put(other / "driver_override", "(null)\n")
        self.link(self.sys / "bus/pci/devices" / other.name, other)
        for device in (self.device, other):
            self.link(device / "iommu_group", group)
            self.link(group / "devices" / device.name, device)
        self.bind("vfio-pci")
        self.put(self.records / other.name, f"{self.DRIVER}\n\n")
        self.put(self.sys / "bus/pci/drivers/vfio-pci/unbind", "")
        self.modprobe(f"ln -s ../../../bus/pci/drivers/$2 {other}/driver")
        self.assertEqual(self.nyxctl("release", self.DEVICE), (0, "", ""))
        self.assertEqual(self.recorded(), [])

    def test_assigned_again(self):
        """A device was unbound, and its driver does not bind it: it is bound to vfio-pci."""
        self.record(self.DRIVER)
        self.bind("vfio-pci")
        self.put(self.sys / "bus/pci/drivers/vfio-pci/unbind", "")
        self.modprobe(f'[ "$2" = {self.DRIVER} ] && rm -f {self.device}/driver || '
                      f"ln -sf ../../../bus/pci/drivers/vfio-pci {self.device}/driver")
        code, _, err = self.nyxctl("release", self.DEVICE)
        self.assertEqual(code, 5)
        self.assertIn(f"the driver {self.DRIVER} did not bind {self.DEVICE} again", err)
        self.assertTrue((self.device / "driver").is_symlink())
        self.assertEqual((self.records / self.DEVICE).read_text(), f"{self.DRIVER}\n\n")

    def test_undone_despite_signal(self):
        """A signal during a failing release does not keep it from binding vfio-pci again."""
        self.record(self.DRIVER)
        self.bind("vfio-pci")
        self.put(self.sys / "bus/pci/drivers/vfio-pci/unbind", "")
        self.modprobe(f"kill -TERM $PPID; rm -f {self.device}/driver")
        _, _, err = self.nyxctl("release", self.DEVICE)
        self.assertIn(f"the driver {self.DRIVER} did not bind {self.DEVICE} again", err)
        self.assertIn(f"vfio-pci did not bind {self.DEVICE}", err)
        self.assertNotIn("interrupted", err)

    def test_held(self):
        """A process has the group's file open by a path of its own, or that of the device."""
        group = self.sys / "kernel/iommu_groups/7"
        self.link(self.device / "iommu_group", group)
        self.link(group / "devices" / self.DEVICE, self.device)
        self.bind("vfio-pci")
        self.put(self.folder / "proc/812/comm", "vm\n")
        self.link(self.folder / "proc/812/fd/5", "/dev/null")
        for path, number, holder in ((self.sys / "class/vfio/7/dev", "1:3", "812:vm"),
                                     (self.device / "vfio-dev/vfio2/dev", "1:3", "812:vm"),
                                     (self.sys / "class/vfio/7/dev", "1:5", "-")):
            with self.subTest(path=path, number=number):
                self.put(path, number + "\n")
                self.assertEqual(self.nyxctl("--no-header", "list")[1].split()[:3],
                                 [self.DEVICE, "7", holder])
                path.unlink()

    def test_not_recorded(self):
        code, _, err = self.nyxctl("release", self.DEVICE)
        self.assertEqual((code, err),
                         (5, f"nyxctl: {self.DEVICE} is not assigned; see nyxctl list\n"))

    def test_signals(self):
        """The end of modprobe is no interruption, and modprobe has the signals of before."""
        # A shell may unblock all signals.
        self.modprobe("import signal, sys\n"
                      "print(*(int(s) for s in signal.pthread_sigmask(signal.SIG_BLOCK, [])),"
                      f" file=open('{self.folder}/mask', 'w'))", sys.executable)
        blocked = {signal.SIGCHLD, signal.SIGUSR1}
        _, _, err = self.nyxctl("assign", "--yes", self.DEVICE, blocked=blocked)
        self.assertNotIn("interrupted", err)
        self.assertIn(f"vfio-pci did not bind {self.DEVICE}", err)
        self.assertEqual({int(s) for s in (self.folder / "mask").read_text().split()}, blocked)

    def test_interrupted(self):
        """modprobe sends a signal to nyxctl, which stops at the next step."""
        self.modprobe("kill -TERM $PPID")
        _, _, err = self.nyxctl("assign", "--yes", self.DEVICE)
        self.assertIn("nyxctl: interrupted\n", err)
        self.assertEqual(self.recorded(), [])

    def test_ignored_signal(self):
        """What nohup makes it ignore is no interruption."""
        self.modprobe("kill -HUP $PPID")
        old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
        try:
            _, _, err = self.nyxctl("assign", "--yes", self.DEVICE)
        finally:
            signal.signal(signal.SIGHUP, old)
        self.assertNotIn("interrupted", err)
        self.assertIn(f"vfio-pci did not bind {self.DEVICE}", err)


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

    def test_x2apic(self):
        """ACPI specification 6.5, 5.2.12.12: type 9, 16 bytes, with APIC ID and flags."""
        def madt(*cpus):
            structures = b"".join(struct.pack("<BBHIII", 9, 16, 0, apic, enabled, 0)
                                  for apic, enabled in cpus)
            return struct.pack("<4sI36x", b"APIC", 44 + len(structures)) + structures

        path = self.folder / "sys/firmware/acpi/tables/APIC"
        for cpus, result in (((), "good"), (((254, 1),), "good"), (((255, 1),), "bad"),
                             (((0x12345, 1), (300, 1)), "bad"), (((300, 0),), "good")):
            with self.subTest(cpus=cpus):
                path.write_bytes(madt(*cpus))
                code, findings = self.check()
                self.assertEqual((code, findings["x2apic"]["result"]), (result == "bad", result))
        path.write_bytes(madt((300, 1), (400, 1)))
        self.assertIn("2 CPUs have an APIC ID above 254", self.check()[1]["x2apic"]["text"])
        path.unlink()
        self.assertEqual(self.check()[1]["x2apic"]["result"], "note")

    def test_own_units(self):
        self.put("sys/class/iommu/vtd0", "")
        self.assertEqual(self.check()[1]["driver"]["result"], "good")

    def test_locked_down(self):
        self.put("sys/kernel/security/lockdown", "none [integrity] confidentiality\n")
        code, findings = self.check()
        self.assertEqual((code, findings["lockdown"]["result"]), (0, "note"))
