# SPDX-License-Identifier: GPL-2.0-only
"""The manual page and the installation."""
import pathlib
import re
import subprocess
import tempfile
import unittest

from common import NYXCTL, run


class Documents(unittest.TestCase):
    """The help and the manual page name the same commands and options."""

    def setUp(self):
        _, out, _ = run("--help")
        self.commands = re.findall(r"^  ([a-z]+)(?: .*)?\n      ", out, re.M)
        self.options = re.findall(r"^  (--[a-z-]+)", out, re.M)
        self.here = NYXCTL

    def test_manual(self):
        page = self.here.joinpath("nyxctl.8").read_text()
        self.assertGreater(len(self.commands), 10)
        for command in self.commands:
            self.assertRegex(page, rf"\.It Cm {command}\b")
        for option in self.options:
            self.assertRegex(page, rf"\.It Fl {option[1:]}\b")
        for code in range(6):
            self.assertRegex(page, rf"\n\.It {code}\n")

    def test_manual_is_well_formed(self):
        process = subprocess.run(["mandoc", "-T", "lint", "-W", "warning",
                                  self.here / "nyxctl.8"],
                                 capture_output=True, text=True, check=False)
        self.assertEqual((process.returncode, process.stdout), (0, ""))


class Installs(unittest.TestCase):
    """The commands of README.md build and install the tool."""

    def test_install(self):
        here = NYXCTL
        readme = here.parent.parent.joinpath("README.md").read_text()
        self.assertIn("make -C scripts/nyxctl install\n", readme)
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["make", "-s", "-C", here, f"OUT={folder}",
                            f"DESTDIR={folder}/root", "install"], check=True, timeout=300)
            root = pathlib.Path(folder) / "root/usr"
            code = subprocess.run([root / "sbin/nyxctl", "--help"], check=False,
                                  stdout=subprocess.DEVNULL).returncode
            self.assertEqual(code, 0)
            for name in ("share/man/man8/nyxctl.8",
                         "share/bash-completion/completions/nyxctl",
                         "share/zsh/vendor-completions/_nyxctl",
                         "share/nyx-iommu/nyx.rules.yml",
                         "share/nyx-iommu/nyx.rules.test.yml",
                         "share/nyx-iommu/nyx-dashboard.json"):
                self.assertTrue((root / name).is_file(), name)
            self.assertEqual({p.name for p in (root / "share/nyx-iommu/schema").iterdir()},
                             {p.name for p in (here / "schema").glob("*.json")})


class Folders(unittest.TestCase):
    """The folders of the source follow the order of calls."""

    def test_includes(self):
        order = re.search(r"^folders := (.*)$", NYXCTL.joinpath("Makefile").read_text(),
                          re.M)[1].split()
        self.assertEqual({path.parent.name for path in NYXCTL.glob("*/*.c")}, set(order))
        count = 0
        for path in NYXCTL.glob("*/*.[ch]"):
            allowed = order[order.index(path.parent.name) + 1:]
            for folder in re.findall(r'^#include "(\w+)/', path.read_text(), re.M):
                if folder in order:
                    count += 1
                    self.assertIn(folder, allowed, path)
        self.assertGreater(count, 50)
