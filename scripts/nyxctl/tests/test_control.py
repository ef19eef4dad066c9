# SPDX-License-Identifier: GPL-2.0-only
"""The commands that change something, and errors."""
import json
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from common import NYXCTL, RECORDED, TABLES, run, run_as_nobody, settings

COPIES = 60


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
                     ("faults", "--frob"), ("faults", "--follow", "0000:00:05.0", "x"),
                     ("explain", "1", "2")):
            with self.subTest(args=args):
                code, out, err = run(*args)
                self.assertEqual((code, out), (2, ""))
                self.assertNotEqual(err, "")

    def test_wrong_option(self):
        self.assertEqual(run("--frob", "units")[2],
                         "nyxctl: wrong option --frob; see nyxctl --help\n")

    def test_version(self):
        text = NYXCTL.joinpath("../../drivers/iommu/nyx/version.h").read_text()
        version = re.search(r'#define NYX_VERSION "(.*)"', text).group(1)
        self.assertEqual(run("--version"), (0, f"nyxctl {version}\n", ""))

    def test_truncated(self):
        """A file that ends within a line is reported, and not shown as if it were whole."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(RECORDED / "intel", folder, dirs_exist_ok=True)
            path = pathlib.Path(folder) / "devices"
            path.write_text(path.read_text()[:300])
            for command in ("devices", "status"):
                code, _, err = run(command, folder=folder)
                self.assertEqual((code, err), (5, f"nyxctl: {path} is truncated\n"))

    def test_control_characters(self):
        """They do not reach the terminal from a copy of the files either."""
        with tempfile.TemporaryDirectory() as folder:
            shutil.copytree(RECORDED / "intel", folder, dirs_exist_ok=True)
            path = pathlib.Path(folder) / "devices"
            text = path.read_bytes()
            path.write_bytes(text.replace(b"0000:00:00.0", b"\x1b[2J\xc2\x9b1m\x07\x7f\r", 1))
            for args in (("devices",), ("--json", "devices"), ("export",)):
                code, out, err = run(*args, folder=folder)
                self.assertEqual((code, err), (0, ""))
                self.assertNotRegex(out, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
            _, out, _ = run("--no-header", "devices", folder=folder)
            self.assertEqual(len(out.splitlines()), len(text.splitlines()) - 1)
            self.assertIn("?[2J??1m???", out)
            path.write_bytes(b"device\n\x9b\xc3\x9b\xe2\x82\x9b\x9b\n")
            _, out, _ = run("--no-header", "--wide", "devices", folder=folder)
            self.assertEqual(out.split()[0], "?\xdb\u209b?")

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
            process = subprocess.run([settings.program, f"--debugfs={RECORDED}/intel",
                                      "units"], stdout=full, stderr=subprocess.PIPE, check=False)
        self.assertEqual(process.returncode, 5)


class Broken(unittest.TestCase):
    """Files that the module would never write neither crash nor stop the tool."""

    def test_broken_copies(self):
        print(f"broken copies: --seed {settings.seed}", file=sys.stderr)
        source = random.Random(settings.seed)
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
                        [settings.program, f"--debugfs={folder}",
                         f"--sysfs={RECORDED}/sysfs", *args],
                        capture_output=True, timeout=60, check=False)
                    self.assertIn(process.returncode, range(6),
                                  (copy, args, process.stderr[-2000:]))
                    self.assertNotIn(b"no memory", process.stderr)
                    if process.returncode == 0 and args[0] == "--json":
                        json.loads(process.stdout)
                path.write_bytes(good)
