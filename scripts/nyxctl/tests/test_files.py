# SPDX-License-Identifier: GPL-2.0-only
"""The manual page, the completions and the installation."""
import pathlib
import re
import subprocess
import tempfile
import unittest

from common import NYXCTL, run


class Documents(unittest.TestCase):
    """Help, manual page and completions name the same commands and options."""

    def setUp(self):
        _, out, _ = run("--help")
        self.help = out
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

    def complete(self, line, breaks=None, sysfs=""):
        """What Readline would offer in place of the last part of the line."""
        script = (f". {self.here}/completion.bash; COMP_LINE=$1; COMP_POINT=${{#COMP_LINE}}; "
                  "[ ! -e \"$2\" ] || mount --bind \"$2\" /sys; "
                  "COMP_WORDBREAKS=${3-$COMP_WORDBREAKS}; "
                  "_nyxctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
        words = subprocess.run(["unshare", "--mount", "--propagation", "unchanged", "bash", "-c",
                                script, "bash", line, sysfs, *([] if breaks is None else [breaks])],
                               capture_output=True, text=True, check=True)
        self.assertEqual(words.stderr, "")
        return words.stdout.split()

    def test_completion_of_words(self):
        formats = re.findall(r"\{ \"([a-z-]+)\", print_",
                             self.here.joinpath("change/machine.c").read_text())
        self.assertGreater(len(formats), 2)
        words = re.findall(r"^\| `(?:fault_action|vfio_fault_action|quarantine_scope)`.*",
                           self.here.joinpath("../../Documentation/parameters.md").read_text(), re.M)
        actions, _, scopes = [re.findall(r"`(\w+)`", w.split("|")[2]) for w in words]
        for line, expected in (
                ("nyxctl --color=", ["auto", "always", "never"]),
                ("nyxctl --color=al", ["always"]),
                ("nyxctl --color=never st", ["status"]),
                ("nyxctl --debugfs=/sy", ["/sys"]),
                ("nyxctl --debugfs=/x --json policy ", ["get", "set"]),
                ("nyxctl policy set 00:1f.3 ac", ["action="]),
                ("nyxctl policy set 00:1f.3 action=", actions),
                ("nyxctl policy set 00:1f.3 vfio_action=l", ["log"]),
                ("nyxctl policy set 00:1f.3 scope=", scopes),
                ("nyxctl assign --print ", formats),
                ("nyxctl assign --print=q", ["qemu"]),
                ("nyxctl assign --pr", ["--print"]),
                ("nyxctl forensics ", ["on", "hunt", "off"]),
                ("nyxctl forensics o", ["on", "off"]),
                ("nyxctl list ", [])):
            with self.subTest(line=line):
                self.assertEqual(sorted(self.complete(line)), sorted(expected))
        self.assertEqual(self.complete("nyxctl --color=al", " "), ["--color=always"])

    def test_completion_of_devices(self):
        """Readline replaces only what follows the last colon."""
        with tempfile.TemporaryDirectory() as folder:
            for device in ("0000:00:02.0", "0000:03:00.0", "0000:03:00.1"):
                pathlib.Path(folder, "bus/pci/devices", device).mkdir(parents=True)
            drivers = pathlib.Path(folder, "bus/pci/drivers/vfio-pci")
            for name in ("0000:03:00.1", "bind", "new_id"):
                (drivers / name).mkdir(parents=True)
            for command in ("reset ", "assign --yes ", "policy get ", "forensics on ", "faults "):
                with self.subTest(command=command):
                    self.assertIn("0000:00:02.0",
                                  self.complete(f"nyxctl {command}", sysfs=folder))
                    self.assertEqual(self.complete(f"nyxctl {command}0000:03:", sysfs=folder),
                                     ["00.0", "00.1"])
                    self.assertEqual(self.complete(f"nyxctl {command}0000:03:", " =", folder),
                                     ["0000:03:00.0", "0000:03:00.1"])
            # Only what is assigned can be released.
            self.assertEqual(self.complete("nyxctl release ", sysfs=folder), ["0000:03:00.1"])

    def test_completion_of_files(self):
        """The name of a file is a word of the line, and runs nothing."""
        script = (f". {self.here}/completion.bash; COMP_LINE=$1; COMP_POINT=${{#COMP_LINE}}; "
                  "_nyxctl; printf '%s\\0' \"${COMPREPLY[@]}\"")
        names = ["plain", "with two blanks", "x$(touch${IFS}PWNED)", "x`touch PWNED`", "x*",
                 "x;touch PWNED", "x'\"\\"]
        with tempfile.TemporaryDirectory() as folder:
            for name in names:
                pathlib.Path(folder, name).touch()
            for command in ("report ", "--snapshot=", "firmware ", "export --textfile "):
                for start in ("p", "w", "x"):
                    with self.subTest(command=command, start=start):
                        process = subprocess.run(
                            ["bash", "-c", script, "bash", f"nyxctl {command}{start}"],
                            capture_output=True, text=True, check=True, cwd=folder)
                        self.assertEqual(process.stderr, "")
                        replies = process.stdout.split("\0")[:-1]
                        # Bash reads each as the one word that it is.
                        words = subprocess.run(
                            ["bash", "-c", "printf '%s\\0' " + " ".join(replies)],
                            capture_output=True, text=True, check=True, cwd=folder)
                        self.assertEqual(sorted(words.stdout.split("\0")[:-1]),
                                         sorted(n for n in names if n[0] == start))
            self.assertEqual(sorted(p.name for p in pathlib.Path(folder).iterdir()),
                             sorted(names))

    def test_completion(self):
        words = self.complete("nyxctl ")
        self.assertEqual({w.rstrip("=") for w in words},
                         set(self.commands) | set(self.options))
        zsh = self.here.joinpath("_nyxctl").read_text()
        commands = re.search(r"commands=\(([^)]*)\)", zsh).group(1).split()
        self.assertEqual(commands, self.commands)


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
