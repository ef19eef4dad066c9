# SPDX-License-Identifier: GPL-2.0-only
"""The completions for bash and zsh, in these shells."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from common import NYXCTL, RECORDED, run

HERE = pathlib.Path(__file__).resolve().parent
DEVICES = ("0000:00:02.0", "0000:03:00.0", "0000:03:00.1")
# Names that do something else if a shell reads them as they are.
HOSTILE = ("x$(touch${IFS}PWNED)", "x`touch PWNED`", "x*", "x;touch PWNED", "x'\"\\")
FILES = ("plain", "with two blanks", *HOSTILE)
FILES_FOR = ("report ", "--snapshot=", "firmware ", "export --textfile ", "snapshot --diff ")
DEVICES_FOR = ("reset ", "assign --yes ", "policy get ", "forensics on ", "faults ")


def in_bash(line, breaks=None, sysfs="", cwd=None):
    """What Readline would put in place of the last part of the line, separated by NULs."""
    script = (f". {NYXCTL}/completion.bash; COMP_LINE=$1; COMP_POINT=${{#COMP_LINE}}; "
              "[ ! -e \"$2\" ] || mount --bind \"$2\" /sys; "
              "COMP_WORDBREAKS=${3-$COMP_WORDBREAKS}; "
              "_nyxctl; printf '%s\\0' \"${COMPREPLY[@]}\"")
    process = subprocess.run(["unshare", "--mount", "--propagation", "unchanged", "bash", "-c",
                              script, "bash", line, sysfs, *([] if breaks is None else [breaks])],
                             capture_output=True, text=True, check=True, cwd=cwd)
    if process.stderr:
        raise AssertionError(process.stderr)
    return [reply for reply in process.stdout.split("\0") if reply]


def in_zsh(*lines, sysfs="", cwd=None):
    """What zsh would put in place of the last word of each line, as one text."""
    script = "[ ! -e \"$1\" ] || mount --bind \"$1\" /sys; shift; exec zsh -f \"$@\""
    process = subprocess.run(["unshare", "--mount", "--propagation", "unchanged", "sh", "-euc",
                              script, "sh", sysfs, HERE / "complete.zsh", NYXCTL, *lines],
                             capture_output=True, text=True, check=True, cwd=cwd, timeout=120)
    if process.stderr:
        raise AssertionError(process.stderr)
    answers = process.stdout.split("\0")[:-1]
    assert len(answers) == len(lines), answers
    return ["" if answer == line else answer[line.rindex(" "):]
            for answer, line in zip(answers, lines)]


def read_by(shell, text, cwd=None):
    """The words that the shell reads in a text. It runs what is in them."""
    options = ["-f"] if shell == "zsh" else []
    process = subprocess.run([shell, *options, "-c", "printf '%s\\0' " + text],
                             capture_output=True, text=True, check=True, cwd=cwd)
    return sorted(word.rstrip("/") for word in process.stdout.split("\0") if word)


class Place(unittest.TestCase):
    """A folder with files, one with devices and faults in place of sysfs, and the help."""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.files = pathlib.Path(place.name, "files")
        self.sysfs = pathlib.Path(place.name, "sysfs")
        self.files.mkdir()
        for name in FILES:
            self.files.joinpath(name).touch()
        for device in DEVICES:
            self.sysfs.joinpath("bus/pci/devices", device).mkdir(parents=True)
        for name in ("0000:03:00.1", "bind", "new_id"):
            self.sysfs.joinpath("bus/pci/drivers/vfio-pci", name).mkdir(parents=True)
        self.sysfs.joinpath("kernel/debug/nyx").mkdir(parents=True)
        shutil.copy(RECORDED / "intel/faults", self.sysfs / "kernel/debug/nyx/faults")
        _, out, _ = run("--help")
        self.commands = re.findall(r"^  ([a-z]+)(?: .*)?\n      ", out, re.M)
        self.options = re.findall(r"^  (--[a-z-]+)", out, re.M)
        self.arguments = dict(re.findall(r"^  ([a-z]+) (.+)\n      ", out, re.M))
        self.assertGreater(len(self.arguments), 10)

    def add_hostile_devices(self):
        names = [f"0000:03:{name}.0" for name in HOSTILE]
        for name in names:
            self.sysfs.joinpath("bus/pci/devices", name).mkdir()
        return names

    def assert_no_new_file(self):
        self.assertEqual(sorted(p.name for p in self.files.iterdir()), sorted(FILES))


class Bash(Place):
    """The completion for bash."""

    def test_words(self):
        """The values of options are those of the code and of the documents."""
        formats = re.findall(r"\{ \"([a-z-]+)\", print_",
                             NYXCTL.joinpath("change/machine.c").read_text())
        self.assertGreater(len(formats), 2)
        words = re.findall(r"^\| `(?:fault_action|vfio_fault_action|quarantine_scope)`.*",
                           NYXCTL.joinpath("../../Documentation/parameters.md").read_text(), re.M)
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
                self.assertEqual(sorted(in_bash(line)), sorted(expected))
        self.assertEqual(in_bash("nyxctl --color=al", " "), ["--color=always"])

    def test_devices(self):
        """Readline replaces only what follows the last colon."""
        for command in DEVICES_FOR:
            with self.subTest(command=command):
                self.assertIn("0000:00:02.0", in_bash(f"nyxctl {command}", sysfs=self.sysfs))
                self.assertEqual(in_bash(f"nyxctl {command}0000:03:", sysfs=self.sysfs),
                                 ["00.0", "00.1"])
                self.assertEqual(in_bash(f"nyxctl {command}0000:03:", " =", self.sysfs),
                                 ["0000:03:00.0", "0000:03:00.1"])
        # Only what is assigned can be released.
        self.assertEqual(in_bash("nyxctl release ", sysfs=self.sysfs), ["0000:03:00.1"])

    def test_faults(self):
        numbers = [line.split()[0] for line in
                   self.sysfs.joinpath("kernel/debug/nyx/faults").read_text().splitlines()[1:]]
        self.assertGreater(len(numbers), 1)
        self.assertEqual(in_bash("nyxctl explain ", sysfs=self.sysfs), numbers)
        self.assertEqual(in_bash("nyxctl explain 1 ", sysfs=self.sysfs), [])
        self.sysfs.joinpath("kernel/debug/nyx/faults").unlink()
        self.assertEqual(in_bash("nyxctl explain ", sysfs=self.sysfs), [])

    def test_hostile_names(self):
        """A name is one word of the line, and runs nothing."""
        for command in FILES_FOR:
            for start in ("p", "w", "x"):
                with self.subTest(command=command, start=start):
                    replies = in_bash(f"nyxctl {command}{start}", cwd=self.files)
                    self.assertEqual(read_by("bash", " ".join(replies), self.files),
                                     sorted(name for name in FILES if name[0] == start))
        names = self.add_hostile_devices()
        replies = in_bash("nyxctl reset 0000:03:x", " =", self.sysfs, self.files)
        self.assertEqual(read_by("bash", " ".join(replies), self.files), sorted(names))
        self.assert_no_new_file()

    def test_commands(self):
        """The commands and options are those of the help."""
        self.assertEqual({word.rstrip("=") for word in in_bash("nyxctl ")},
                         set(self.commands) | set(self.options))
        for command in self.commands:
            with self.subTest(command=command):
                words = {word.rstrip("=") for word in in_bash(f"nyxctl {command} -")}
                arguments = self.arguments.get(command, "")
                self.assertEqual(words, set(re.findall(r"--[a-z-]+", arguments)))


class Zsh(Place):
    """The completion for zsh offers what the one for bash does."""

    def compare(self, *lines):
        found = in_zsh(*lines, sysfs=self.sysfs, cwd=self.files)
        for line, text in zip(lines, found):
            with self.subTest(line=line):
                replies = in_bash(line, " ", self.sysfs, self.files)
                self.assertEqual(read_by("zsh", text, self.files),
                                 read_by("bash", " ".join(replies), self.files))

    def test_first_word(self):
        """Like all completions for zsh it offers options after a -."""
        commands, options, command, option = in_zsh("nyxctl ", "nyxctl -", "nyxctl --json st",
                                                    "nyxctl status --js")
        self.assertEqual(commands.split(), sorted(self.commands))
        self.assertEqual({word.rstrip("=") for word in options.split()}, set(self.options))
        self.assertEqual(command.split(), ["status"])
        # nyxctl does not take them after the command.
        self.assertEqual(option, "")

    def test_commands(self):
        self.compare(*(f"nyxctl {command} {start}" for command in self.commands
                       for start in ("", "-", "0000:03:", "p")))

    def test_arguments(self):
        lines = ("--color=", "--color=al", "--snapshot=w", "--json assign ", "--color=never list ",
                 "assign --print ", "assign --print=", "assign --print=q", "assign --yes -",
                 "assign 0000:00:02.0 0000:03:", "forensics on ", "forensics o", "top --sort ",
                 "top --sort=d", "policy get ", "policy set ", "policy set 0000:03:00.0 ",
                 "policy set 0000:03:00.0 action=", "policy set 0000:03:00.0 window=1 vfio_action=",
                 "policy set 0000:03:00.0 scope=d", "policy set 0000:03:00.0 sc",
                 "explain 1", "explain 1 ", "quarantine 0000:03:00.0 ", "reset 0000:03:00.0 ",
                 "export --textfile ", "snapshot --diff ", "report plain ")
        self.compare(*(f"nyxctl {line}" for line in lines))

    def test_folders(self):
        """Names of files do not follow an option that takes a folder."""
        self.files.joinpath("pit").mkdir()
        for option in ("debugfs", "sysfs", "procfs"):
            text, = in_zsh(f"nyxctl --{option}=p", cwd=self.files)
            self.assertEqual(read_by("zsh", text, self.files), [f"--{option}=pit"])

    def test_hostile_names(self):
        """A name is one word of the line, and runs nothing."""
        lines = [f"nyxctl {command}{start}" for command in FILES_FOR for start in "pwx"]
        for line, text in zip(lines, in_zsh(*lines, cwd=self.files)):
            with self.subTest(line=line):
                before = "--snapshot=" if "=" in line else ""
                self.assertEqual(read_by("zsh", text, self.files),
                                 sorted(before + name for name in FILES if name[0] == line[-1]))
        names = self.add_hostile_devices()
        text, = in_zsh("nyxctl reset 0000:03:x", sysfs=self.sysfs, cwd=self.files)
        self.assertEqual(read_by("zsh", text, self.files), sorted(names))
        self.assert_no_new_file()
