# SPDX-License-Identifier: GPL-2.0-only
"""The commands of nyxctl in the documents, and the installation that they describe."""
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

from common import NYXCTL, RECORDED, settings

ROOT = NYXCTL.parent.parent
DEVICE = "0000:03:00.0"
END = {"|", ";", "&", "&&", "||", ">", ">>", "<", ")"}


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "Documentation").glob("*.md"))]


def lines_of(text):
    """Yields the lines of a document that are commands, also those of a manual page."""
    for line in text.splitlines():
        line = line.removeprefix(".Dl ").replace(r"\&", "")
        if re.match(r"[\s{]*(\w+\(\) \{ )?nyxctl [a-z-]", line) and "`" not in line:
            yield line[line.index("nyxctl "):]


def mentions_of(text):
    """Yields the commands within sentences."""
    return [span for span in re.findall(r"`([^`\n]+)`", text) if span.startswith("nyxctl ")]


def words_of(command):
    """Splits a command at blanks, up to what the shell does with its output."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="|;&<>)")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if word in END or word.startswith((">", "<")):
            break
        words.append(word)
    return words[1:]


def in_use(words):
    """Replaces what stands for a device or for words of a policy."""
    found = []
    for word in words:
        if word == "$policy":
            found += ["max_faults=10", "window=10"]
        elif word in ("DEVICE", "FAULT", "$card", "$device", "$1"):
            found.append("1" if word == "FAULT" else DEVICE)
        else:
            # Nothing is written outside of the folder in which the test runs.
            found.append(re.sub(r"(^|=)/(root|tmp|var|run)/(\S*/)?([^/]+)$", r"\1\4", word))
    return found


MACHINE = """<domain type='kvm'>
  <name>machine</name>
  <memory>1048576</memory>
  <os><type arch='x86_64'>hvm</type></os>
  <devices>
    {}
  </devices>
</domain>
"""


class Libvirt(unittest.TestCase):
    """The element of examples.md, which the row examples compares with what nyxctl prints."""

    def check(self, device):
        with tempfile.NamedTemporaryFile("w", suffix=".xml") as machine:
            machine.write(MACHINE.format(device))
            machine.flush()
            return subprocess.run(["virt-xml-validate", machine.name, "domain"],
                                  capture_output=True, text=True, check=False)

    def test_element(self):
        text = (ROOT / "Documentation/examples.md").read_text()
        elements = re.findall(r"<hostdev.*?</hostdev>", text, re.DOTALL)
        self.assertTrue(elements)
        for element in elements:
            result = self.check(element)
            self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
            self.assertNotEqual(self.check(element.replace("slot=", "device=")).returncode, 0)


class Documents(unittest.TestCase):
    """Each command exists, with the options and arguments that the documents give it."""

    def run_in_copy(self, words):
        """Returns the exit code, or None for a command that does not end."""
        with tempfile.TemporaryDirectory() as place:
            place = pathlib.Path(place)
            for name in ("intel", "sysfs"):
                shutil.copytree(RECORDED / name, place / name, symlinks=True)
            for name in ("reset", "disable"):
                (place / "intel" / name).touch()
            (place / "proc").mkdir()
            try:
                process = subprocess.run(
                    [settings.program, f"--debugfs={place}/intel", f"--sysfs={place}/sysfs",
                     f"--procfs={place}/proc", *words], cwd=place, timeout=5, check=False,
                    capture_output=True, text=True, stdin=subprocess.DEVNULL)
            except subprocess.TimeoutExpired:
                return None, ""
        return process.returncode, process.stderr

    def test_lines(self):
        commands = {}
        for path in [*documents(), NYXCTL / "nyxctl.8"]:
            for code in lines_of(path.read_text()):
                commands.setdefault(tuple(in_use(words_of(code))), path.name)
        self.assertGreater(len(commands), 30)
        policy = set(re.findall(r"\w+", subprocess.run(
            [settings.program, "policy", "--help"], check=True, text=True,
            capture_output=True).stdout))
        for words, name in commands.items():
            with self.subTest(document=name, command=" ".join(words)):
                code, err = self.run_in_copy(words)
                # Without --yes, assign ends with 2, because its standard input has no answer.
                if words[0] != "assign" or "--yes" in words:
                    self.assertNotEqual(code, 2, err)
                self.assertIn(code, (None, 0, 1, 2, 3, 4, 5), err)
                if words[:2] == ("policy", "set"):
                    # The module, which knows these words, is not there to refuse them.
                    self.assertEqual({word.partition("=")[0] for word in words[3:]} - policy,
                                     set())

    def test_mentions(self):
        """A command within a sentence may lack its arguments. It and its options exist."""
        def run_help(*words):
            return subprocess.run([settings.program, *words, "--help"], check=True, text=True,
                                  capture_output=True).stdout

        words_of_help = re.compile(r"[\w-]+").findall
        commands = set(re.findall(r"^  ([a-z]+)\b", run_help(), re.MULTILINE))
        known = set(words_of_help(run_help()))
        mentions = {span for path in documents() for span in mentions_of(path.read_text())}
        self.assertGreater(len(mentions), 20)
        for span in mentions:
            words = [word.partition("=")[0] for word in words_of(span)]
            with self.subTest(mention=span):
                options = [word for word in words if word.startswith("-")]
                command = next((word for word in words if not word.startswith("-")), None)
                if command:
                    self.assertIn(command, commands)
                    known_here = known | set(words_of_help(run_help(command)))
                    self.assertEqual(set(options) - known_here, set())
                else:
                    self.assertEqual(set(options) - known, set())

    def test_install_and_uninstall(self):
        with tempfile.TemporaryDirectory() as place:
            make = ["make", "-s", "-C", NYXCTL, f"OUT={pathlib.Path(settings.program).parent}",
                    f"DESTDIR={place}"]
            subprocess.run([*make, "install"], check=True)
            files = [path for path in pathlib.Path(place).rglob("*") if path.is_file()]
            self.assertIn(pathlib.Path(place, "usr/sbin/nyxctl"), files)
            subprocess.run([*make, "uninstall"], check=True)
            self.assertEqual([path for path in pathlib.Path(place).rglob("*") if path.is_file()], [])
