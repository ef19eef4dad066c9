#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Finds the commands in the documents.

Usage: commands.py check            check that each has a test: see scripts/lib/commands.list
       commands.py write KIND DIR   write the blocks of commands of that kind to files

A block of commands is indented by four blanks more than the text around it, or begins with
"```sh example". An indented block holds commands if its first word is a program. Inline code is
a command if it has at least two words and the first is a program.
"""
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIST = ROOT / "scripts/lib/commands.list"
# Programs of a Debian machine that the chroot may lack, and words of the shell.
WORDS = {"apt", "apt-get", "cd", "command", "dmesg", "docker", "dpkg", "echo", "export", "for",
         "git", "grub-install", "if", "insmod", "journalctl", "kexec", "lsinitramfs", "lspci", "man",
         "modprobe", "mokutil", "nyxctl", "promtool", "qemu-system-x86_64", "rmmod", "set", "setpci",
         "sudo", "systemctl", "udevadm", "update-grub", "update-initramfs", "virsh", "virt-install",
         "wget", "while"}


class Block:
    """Commands that belong together. section is the number that its heading begins with."""

    def __init__(self, path, line, section, example):
        self.path, self.line, self.section, self.example = path, line, section, example
        self.commands = []

    def place(self):
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def words_of(command):
    """The words after assignments to variables of the environment."""
    return re.sub(r"^([A-Z_]+=\S* )+", "", command).split()


def is_command(line):
    if line.startswith(" "):
        return False
    word = words_of(line)[0]
    return word in WORDS or (ROOT / word).is_file() or \
        (re.fullmatch(r"[a-z][a-z0-9._-]*", word) and shutil.which(word) is not None)


def blocks_of(path):
    """Yields the blocks of a document in order."""
    section, indent, fence, block = 0, 0, None, None
    lines = path.read_text().splitlines()
    for i, line in enumerate(lines):
        if fence is not None:
            if line == "```":
                if block:
                    yield block
                fence = block = None
            elif block:
                block.commands.append(line)
            continue
        if line.startswith("```"):
            fence = line[3:]
            if fence.startswith("sh"):
                block = Block(path, i + 1, section, fence == "sh example")
            continue
        if heading := re.match(r"#+ (?:(\d+)\. )?", line):
            section = int(heading[1] or 0)
        inside = re.match(r" {4}", line[indent:]) if line[:indent].isspace() or not indent else None
        if inside and (block or not lines[i - 1].strip()):
            if not block:
                block = Block(path, i + 1, section, False)
            block.commands.append(line[indent + 4:])
        elif line.strip():
            if block and is_command(block.commands[0]):
                yield block
            block = None
            item = re.match(r"(\d+\. |- )", line)
            indent = len(item[1]) if item else 0 if not line.startswith(" ") else indent
    if fence is not None:
        sys.exit(f"{path}: a block does not end")
    if block and is_command(block.commands[0]):
        yield block


def mentions_of(path):
    """Yields the place and the text of each command within a sentence or a table."""
    text = re.sub(r"^```.*?^```$", lambda block: "\n" * block[0].count("\n"), path.read_text(),
                  flags=re.DOTALL | re.MULTILINE)
    for code in re.finditer(r"(?<!`)(`+)(?!`)((?:(?!\n\n).)+?)(?<!`)\1(?!`)", text, re.DOTALL):
        command = " ".join(code[2].split())
        if len(words_of(command)) > 1 and is_command(command):
            line = text.count("\n", 0, code.start()) + 1
            yield f"{path.relative_to(ROOT)}:{line}", command


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "Documentation").glob("*.md"))]


def all_blocks():
    for path in documents():
        yield from blocks_of(path)


def all_commands():
    """Yields the place and the text of each command that is not part of an example."""
    for block in all_blocks():
        if not block.example:
            yield from ((block.place(), command) for command in block.commands if command.strip())
    for path in documents():
        yield from mentions_of(path)


def listed():
    """Reads the list: the test of each command."""
    tests = {}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            test, command = line.split("\t")
            tests[command] = test
    return tests


def is_help_of_script(command):
    """A script of the project is named with options that its --help describes."""
    words = words_of(command)
    script = ROOT / words[0]
    if not script.is_file() or script.suffix != ".sh":
        return False
    text = subprocess.run([script, "--help"], capture_output=True, text=True, check=True).stdout
    return all(re.search(rf"(^|[\s\[]){re.escape(word)}\b", text)
               for word in words if word.startswith("-"))


def is_tested(command, tests):
    return command in tests or command.startswith("nyxctl ") or is_help_of_script(command)


def check():
    tests, seen, bad = listed(), set(), 0
    for place, command in all_commands():
        seen.add(command)
        if not is_tested(command, tests):
            print(f"{place}: no test runs: {command}")
            bad = 1
    for command, test in tests.items():
        kind, _, name = test.partition(" ")
        if command not in seen:
            print(f"{LIST.name}: no document has: {command}")
            bad = 1
        if not test_exists(kind, name):
            print(f"{LIST.name}: there is no {test}")
            bad = 1
    if not seen:
        sys.exit("no document has a command")
    sys.exit(bad)


def test_exists(kind, name):
    if kind == "row":
        return (ROOT / "scripts/rows" / name).is_file()
    if kind == "check":
        return f"\ncheck {name} " in (ROOT / "scripts/static.sh").read_text()
    if kind == "lane":
        return (ROOT / "scripts" / f"{name}.sh").is_file()
    return kind in ("guest", "machine", "reader", "text")


def write(kind, folder):
    """Writes DOCUMENT-SECTION-N, where N counts the document's blocks of the section."""
    tests, counts = listed(), {}
    folder.mkdir(parents=True, exist_ok=True)
    for block in all_blocks():
        if block.example != (kind == "example"):
            continue
        if kind != "example" and not all(tests.get(c) == kind for c in block.commands):
            continue
        key = f"{block.path.stem}-{block.section}"
        counts[key] = counts.get(key, 0) + 1
        (folder / f"{key}-{counts[key]}").write_text("\n".join(block.commands) + "\n")
    if not counts:
        sys.exit(f"no document has a block of the kind {kind}")


def main():
    if sys.argv[1:] == ["check"]:
        check()
    elif len(sys.argv) == 4 and sys.argv[1] == "write":
        write(sys.argv[2], pathlib.Path(sys.argv[3]))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
