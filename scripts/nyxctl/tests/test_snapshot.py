# SPDX-License-Identifier: GPL-2.0-only
"""The command snapshot: what it writes, and that it writes all or nothing."""
import base64
import copy
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from common import run, run_as_nobody, settings
from snapshots import APIC, DMAR, Machine, validate

COPIES = 30
# Sends a signal to the program before a function of libc does its work.
STOP = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void stop(const char *call)
{
	if (!strcmp(getenv("STOP_IN"), call))
		raise(atoi(getenv("STOP_BY")));
}

ssize_t write(int fd, const void *bytes, size_t n)
{
	ssize_t (*next)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");

	if (fd > 2)
		stop("write");
	return next(fd, bytes, n);
}

int fsync(int fd)
{
	int (*next)(int) = dlsym(RTLD_NEXT, "fsync");

	stop("fsync");
	return next(fd);
}

int rename(const char *from, const char *to)
{
	int (*next)(const char *, const char *) = dlsym(RTLD_NEXT, "rename");

	stop("rename");
	return next(from, to);
}
"""
READERS = [("status",), ("units",), ("devices",), ("domains",), ("interrupts",), ("faults",),
           ("explain",), ("quarantine",), ("policy",), ("forensics",)]


class Contains(Machine):
    """A snapshot has what the files have."""

    def files_of(self, document):
        return {name: "".join(line + "\n" for line in file["lines"])
                for name, file in document["files"].items()}

    def test_files(self):
        document = self.take()
        want = {}
        for path in self.debugfs.rglob("*"):
            if path.is_file() and path.name not in ("page_table", "reset"):
                want[str(path.relative_to(self.debugfs))] = path.read_text()
        self.assertGreater(len(want), 12)
        self.assertEqual(self.files_of(document), want)
        self.assertEqual({f["state"] for f in document["files"].values()}, {"complete"})

    def test_page_tables(self):
        code, _, err = self.live("snapshot", "--page-tables", str(self.file))
        self.assertEqual((code, err), (0, ""))
        self.assertIn("domain-2/page_table", json.loads(self.file.read_text())["files"])

    def test_machine(self):
        document = self.take()
        self.assertEqual(document["kernel"]["release"], "7.3.4-test")
        self.assertEqual(document["module"], {"version": "0.1", "parameters": {"hunt": "0"}})
        self.assertEqual(set(document["pci"]), set(os.listdir(self.sys / "bus/pci/devices")))
        device = document["pci"]["0000:01:00.0"]
        ids = self.sys / "bus/pci/devices/0000:01:00.0"
        self.assertEqual(device["vendor"], ids.joinpath("vendor").read_text().strip())
        self.assertEqual(device["device"], ids.joinpath("device").read_text().strip())
        self.assertEqual((device["driver"], device["group"]), ("nvme", "4"))

    def test_firmware(self):
        firmware = self.take()["firmware"]
        self.assertEqual(base64.b64decode(firmware["DMAR"]["base64"], validate=True), DMAR)
        self.assertEqual(base64.b64decode(firmware["APIC"]["base64"], validate=True), APIC)
        self.assertEqual(firmware["IVRS"], {"state": "missing"})

    def test_base64(self):
        """Tables of each length, seeded."""
        source = random.Random(settings.seed)
        for length in range(8, 20):
            table = b"DMAR" + length.to_bytes(4, "little") + source.randbytes(length - 8)
            self.put("sys/firmware/acpi/tables/DMAR", table)
            dmar = self.take()["firmware"]["DMAR"]
            self.assertEqual(base64.b64decode(dmar["base64"], validate=True), table)

    def test_no_secrets(self):
        """Only known parameters of the kernel are kept, also if a value has blanks."""
        kernel = self.take()["kernel"]
        self.assertEqual(kernel["parameters"], ["intel_iommu=off", "intremap=off", "quiet",
                                                "nyx-iommu.hunt=1", "iommu.passthrough=0"])
        self.assertEqual(kernel["parameters_left_out"], 7)
        text = self.file.read_text()
        for word in ("secret", "31337"):
            self.assertNotIn(word, text)
        self.assertEqual(self.file.stat().st_mode & 0o777, 0o600)

    def test_clock(self):
        """The clocks are those of the kernel: what they say fits what procfs says."""
        before = time.clock_gettime(time.CLOCK_MONOTONIC), time.time()
        clock = self.take()["clock"]
        after = time.clock_gettime(time.CLOCK_MONOTONIC), time.time()
        for low, value, high in zip(before, (clock["kernel_log_s"], clock["created_s"]), after):
            # The values are cut off at microseconds.
            self.assertLessEqual(low - 1e-6, value)
            self.assertLessEqual(value, high)
        btime = next(int(line.split()[1]) for line in open("/proc/stat", encoding="ascii")
                     if line.startswith("btime"))
        self.assertLess(abs(clock["booted_s"] - btime), 2)
        self.assertAlmostEqual(clock["created_s"] - clock["booted_s"],
                               clock["kernel_log_s"] + clock["suspended_s"], 3)
        self.assertEqual(clock["created"],
                         time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(clock["created_s"])))

    def test_stdout(self):
        code, out, err = self.live("snapshot", "-")
        self.assertEqual((code, err), (0, ""))
        want = self.take()
        got = json.loads(out)
        del want["clock"], got["clock"]
        self.assertEqual(got, want)

    def test_copy(self):
        """Of a copy of the module's files nothing of this machine is recorded."""
        process = subprocess.run([settings.program, f"--debugfs={self.debugfs}", "snapshot", "-"],
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((process.returncode, process.stderr), (0, ""))
        document = json.loads(process.stdout)
        validate(document, "snapshot.json")
        self.assertEqual([document[part] for part in ("clock", "kernel", "module", "firmware",
                                                      "pci")], [None] * 5)


class ContainsAmd(Contains):
    """The same with the files of an AMD machine."""

    vendor = "amd"


class Incomplete(Machine):
    """What is missing is recorded, and the rest is written."""

    def test_missing(self):
        for name in ("devices", "pasids", "summary", "vtd0/entries"):
            self.debugfs.joinpath(name).unlink()
        files = self.take(code=1)["files"]
        for name in ("devices", "pasids", "summary", "vtd0/entries"):
            self.assertEqual(files[name], {"state": "missing"})
            self.assertIn(f"{name} is missing", self.error)
        self.assertEqual(len(self.error.splitlines()), 1)
        self.assertEqual(files["units"]["state"], "complete")
        code, out, err = run("--snapshot=" + str(self.file), "devices")
        self.assertEqual((code, out), (3, ""))
        self.assertIn("devices (it was missing)", err)

    def test_truncated(self):
        for text in ("", "unit     vendor", "unit\nvtd0", "unit\nvt\0d0\n"):
            with self.subTest(text=text):
                self.put("debugfs/domains", text)
                file = self.take(code=1)["files"]["domains"]
                self.assertEqual(file["state"], "truncated")
                self.assertEqual("\n".join(file["lines"]), text.split("\0")[0].strip("\n"))
                self.assertIn("domains is truncated", self.error)

    def test_not_utf8(self):
        self.put("debugfs/domains", b"domain\n\xff5\n")
        self.assertEqual(self.take()["files"]["domains"]["lines"], ["domain", "?5"])

    def test_firmware(self):
        self.put("sys/firmware/acpi/tables/DMAR", DMAR[:-1])
        self.assertEqual(self.take(code=1)["firmware"]["DMAR"]["state"], "truncated")
        self.assertIn("firmware table DMAR is truncated", self.error)

    def test_unloaded(self):
        """The machine is recorded also without the module."""
        shutil.rmtree(self.debugfs)
        shutil.rmtree(self.sys / "module")
        document = self.take(code=1)
        self.assertIn("the module is not loaded", self.error)
        self.assertIsNone(document["module"])
        self.assertEqual(document["firmware"]["DMAR"]["state"], "complete")
        self.assertEqual({f["state"] for f in document["files"].values()}, {"missing"})

    def test_nothing(self):
        process = subprocess.run([settings.program, "--debugfs=/nowhere", "snapshot", self.file],
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual((process.returncode, process.stderr),
                         (3, "nyxctl: there is no /nowhere\n"))
        self.assertFalse(self.file.exists())

    def test_diagnose(self):
        """With diagnose=1 the module has fewer files, and none of these is missing."""
        for path in list(self.debugfs.iterdir()):
            if path.name not in ("summary", "units", "faults", "vtd0"):
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.debugfs.joinpath("vtd0/entries").unlink()
        self.put("debugfs/notes", "the built-in VT-d driver is active\n")
        self.take()

    def test_permission(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o700)
            code, out, err = run_as_nobody("snapshot", "-", folder=folder)
        self.assertEqual((code, out), (4, ""))
        self.assertIn("needs root", err)
        self.assertEqual(len(err.splitlines()), 1)


class AllOrNothing(Machine):
    """A file is written as a whole, or is as it was."""

    OLD = "what was there before\n"

    def setUp(self):
        super().setUp()
        self.place = self.folder / "place"
        self.place.mkdir()
        self.target = self.place / "old.json"
        self.target.write_text(self.OLD)

    def arguments(self, target):
        return [settings.program, f"--debugfs={self.debugfs}", f"--sysfs={self.sys}",
                f"--procfs={self.folder}/proc", "snapshot", str(target)]

    def assert_unchanged(self):
        self.assertEqual(os.listdir(self.place), ["old.json"])
        self.assertEqual(self.target.read_text(), self.OLD)

    def fails(self, target, code, word, **kwargs):
        process = subprocess.run(self.arguments(target), capture_output=True, text=True,
                                 timeout=60, check=False, **kwargs)
        self.assertEqual((process.returncode, process.stdout), (code, ""), process.stderr)
        self.assertIn(word, process.stderr)
        self.assertEqual(len(process.stderr.splitlines()), 1)

    def test_replaces(self):
        self.take(self.target)
        self.assertEqual(os.listdir(self.place), ["old.json"])

    def test_link(self):
        """The file that a link refers to is replaced, not the link."""
        link = self.folder / "link.json"
        link.symlink_to(self.target)
        self.take(link)
        self.assertTrue(link.is_symlink())
        self.assertNotEqual(self.target.read_text(), self.OLD)

    def test_limit(self):
        """A limit for the size of files is like a full disk."""
        for limit in (0, 1, 4096, 10000):
            with self.subTest(limit=limit):
                self.fails(self.target, 5, "File too large", preexec_fn=lambda limit=limit:
                           resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
                self.assert_unchanged()

    def test_full_disk(self):
        """A disk of 8 KiB, in a mount namespace of its own."""
        script = ('mount -t tmpfs -o size=8k tmpfs "$0" || exit 99; echo old >"$0/old.json"; '
                  '"$@"; code=$?; [ "$(ls -A "$0")" = old.json ] || exit 98; '
                  '[ "$(cat "$0/old.json")" = old ] || exit 97; exit $code')
        process = subprocess.run(["unshare", "--mount", "--propagation", "unchanged", "sh", "-c",
                                  script, str(self.place), *self.arguments(self.target)],
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(process.returncode, 5, process.stderr)
        self.assertIn("No space left on device", process.stderr)

    def test_full_stdout(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            process = subprocess.run(self.arguments("-"), stdout=full, stderr=subprocess.PIPE,
                                     text=True, timeout=60, check=False)
        self.assertEqual(process.returncode, 5)
        self.assertEqual(len(process.stderr.splitlines()), 1)

    def test_unwritable(self):
        self.fails(self.folder / "nowhere/new.json", 5, "No such file or directory")
        self.fails(self.place, 5, "is not a file")
        self.fails("/dev/null", 5, "is not a file")
        self.fails("/proc/snapshot.json", 5, "cannot write /proc/snapshot.json")
        self.assert_unchanged()

    def test_unwritable_folder(self):
        """Another user may not write to the folder."""
        self.folder.chmod(0o755)
        code, out, err = run_as_nobody("snapshot", str(self.place / "new.json"),
                                       folder=self.debugfs)
        self.assertEqual((code, out), (4, ""))
        self.assertIn("Permission denied", err)
        self.assert_unchanged()

    def test_signals(self):
        """A signal during the write leaves nothing behind.

        A library that replaces a function of libc sends the signal there.
        """
        library = self.build_library()
        for call in ("write", "fsync", "rename"):
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                with self.subTest(call=call, signal=number):
                    self.target.write_text(self.OLD)
                    process = subprocess.run(
                        self.arguments(self.target), capture_output=True, timeout=60,
                        check=False, preexec_fn=lambda n=number: signal.signal(n, signal.SIG_DFL),
                        env={**os.environ, "LD_PRELOAD": library, "STOP_IN": call,
                             "STOP_BY": str(int(number)),
                             "ASAN_OPTIONS": "verify_asan_link_order=0"})
                    self.assertEqual(process.returncode, -number, process.stderr)
                    self.assertEqual(os.listdir(self.place), ["old.json"])
                    if call == "rename":
                        # It had been too late.
                        validate(json.loads(self.target.read_text()), "snapshot.json")
                    else:
                        self.assert_unchanged()

    def test_ignored_signal(self):
        """A signal that the caller ignores, as nohup does, does not end it."""
        process = subprocess.run(
            self.arguments(self.target), capture_output=True, timeout=60, check=False,
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
            env={**os.environ, "LD_PRELOAD": self.build_library(), "STOP_IN": "fsync",
                 "STOP_BY": str(int(signal.SIGHUP)),
                 "ASAN_OPTIONS": "verify_asan_link_order=0"})
        self.assertEqual(process.returncode, 0, process.stderr)
        validate(json.loads(self.target.read_text()), "snapshot.json")

    def build_library(self):
        source = self.folder / "stop.c"
        source.write_text(STOP)
        library = str(self.folder / "stop.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
        return library


class Shows(Machine):
    """The commands that show print the same from a snapshot as from the files."""

    def both(self, *args):
        return (self.live(*args),
                run(f"--snapshot={self.file}", *args, folder="/nowhere", sysfs="/nowhere"))

    def test_same(self):
        self.take()
        for command in READERS:
            for option in ((), ("--json",), ("--wide",), ("--no-header",)):
                with self.subTest(command=command, option=option):
                    live, shown = self.both(*option, *command)
                    self.assertIn(live[0], (0, 1))
                    self.assertNotEqual(live[1], "")
                    self.assertEqual(shown, live)

    def test_one_device(self):
        self.take()
        for args in (("devices", "01:00.0"), ("faults", "0000:00:05.0"), ("explain", "3"),
                     ("policy", "get", "0000:00:05.0"), ("devices", "0000:ff:1f.7")):
            live, shown = self.both(*args)
            self.assertEqual(shown, live)

    def test_refused(self):
        """What changes something, or is about this machine, is refused."""
        self.take()
        for args in (("policy", "set", "0000:00:05.0", "action=log"), ("reset", "0000:00:05.0"),
                     ("disable", "0000:00:05.0"), ("forensics", "on"), ("check",), ("list",),
                     ("assign", "--yes", "0000:01:00.0"), ("release", "0000:01:00.0"),
                     ("faults", "--follow"), ("snapshot", "-"), ("report",)):
            with self.subTest(args=args):
                code, out, err = run(f"--snapshot={self.file}", *args)
                self.assertEqual((code, out), (2, ""), err)
                self.assertEqual(len(err.splitlines()), 1)

    def test_control_characters(self):
        """A terminal obeys them, so they are not printed."""
        document = self.take()
        devices = document["files"]["devices"]["lines"]
        devices[1] = devices[1].replace("0000:00:00.0", "\033[2J\x9b1m\x07x")
        document["module"]["version"] = "\033[2J"
        document["pci"]["\033[2J"] = document["pci"]["0000:01:00.0"]
        self.put_snapshot("snapshot.json", document)
        for args in (("devices",), ("--json", "devices"), ("status",)):
            _, out, err = run(f"--snapshot={self.file}", *args)
            self.assertIn("0000:01:00.0" if "devices" in args else "module", out)
            self.assertNotRegex(out + err, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
        document["files"]["devices"]["lines"][1] = "\033[2J"
        other = self.put_snapshot("other.json", document)
        _, out, _ = run("snapshot", "--diff", str(self.file), other)
        self.assertNotRegex(out, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Broken(Machine):
    """Snapshots that nobody would write neither crash nor stop the tool."""

    def commands(self):
        good, bad = str(self.folder / "good.json"), str(self.file)
        return [*((f"--snapshot={bad}", *c) for c in READERS),
                ("--json", f"--snapshot={bad}", "status"),
                ("snapshot", "--diff", good, bad), ("snapshot", "--diff", bad, good),
                ("--json", "snapshot", "--diff", bad, good), ("report", bad, good),
                ("report", "--html", bad), ("--json", "report", good, bad)]

    def survive(self, args, what):
        process = subprocess.run([settings.program, *args], capture_output=True, timeout=60,
                                 check=False)
        self.assertIn(process.returncode, range(6), (what, args, process.stderr[-2000:]))
        return process

    def test_other_files(self):
        self.put("good.json", json.dumps(self.take()))
        for text, word in (("", "no snapshot"), ("{", "no snapshot"), ("[]", "no snapshot"),
                           ("{}", "no snapshot of nyxctl"),
                           ('{"format": "nyx-snapshot", "version": 2, "files": {}}',
                            "use the nyxctl that wrote it"),
                           ('{"format": "nyx-snapshot", "version": 1, "files": []}',
                            "no snapshot of nyxctl"),
                           ("[" * 100000, "no snapshot")):
            self.put("snapshot.json", text)
            for args in self.commands()[len(READERS) - 1:]:
                process = self.survive(args, text[:50])
                self.assertEqual((process.returncode, process.stdout), (5, b""))
                self.assertIn(word.encode(), process.stderr)
                self.assertEqual(len(process.stderr.splitlines()), 1)

    def test_no_file(self):
        for args in (("--snapshot=/nowhere", "status"), ("snapshot", "--diff", "/nowhere", "/x"),
                     ("report", "/nowhere")):
            code, out, err = run(*args)
            self.assertEqual((code, out, err),
                             (5, "", "nyxctl: /nowhere: No such file or directory\n"))

    def test_truncated(self):
        text = json.dumps(self.take()).encode()
        self.put("good.json", text)
        source = random.Random(settings.seed)
        for _ in range(COPIES):
            self.put("snapshot.json", text[:source.randrange(len(text))])
            process = self.survive(source.choice(self.commands()), "truncated")
            self.assertEqual(process.returncode, 5)

    def test_changed_bytes(self):
        print(f"broken snapshots: --seed {settings.seed}", file=sys.stderr)
        source = random.Random(settings.seed)
        text = json.dumps(self.take(), indent=1).encode()
        self.put("good.json", text)
        for number in range(COPIES):
            bad = bytearray(text)
            for _ in range(source.randrange(1, 6)):
                bad[source.randrange(len(bad))] = source.choice(b'\0\n "\\x9\xff%,:{}[]<&')
            self.put("snapshot.json", bytes(bad))
            for args in source.sample(self.commands(), 4):
                self.survive(args, number)

    def test_other_types(self):
        """Each value is replaced by values of other types."""
        source = random.Random(settings.seed)
        document = self.take()
        self.put("good.json", json.dumps(document))
        values = (None, 0, -1, 1e308, "", "x", "-", [], {}, [[]], {"state": {}}, True)
        for number in range(COPIES):
            bad = json.loads(json.dumps(document))
            for _ in range(source.randrange(1, 4)):
                replace(bad, source, copy.deepcopy(source.choice(values)))
            bad["format"], bad["version"] = "nyx-snapshot", 1
            self.put("snapshot.json", json.dumps(bad))
            for args in source.sample(self.commands(), 6):
                self.survive(args, number)


def replace(node, source, value):
    """Replaces something in a document."""
    while True:
        keys = list(node) if isinstance(node, dict) else range(len(node))
        key = source.choice(list(keys))
        if not isinstance(node[key], (dict, list)) or not node[key] or source.random() < .2:
            node[key] = value
            return
        node = node[key]


class Usage(unittest.TestCase):
    """Wrong arguments."""

    def test_usage(self):
        for args in (("snapshot",), ("snapshot", "a", "b"), ("snapshot", "--diff", "a"),
                     ("snapshot", "--diff", "a", "b", "c"), ("snapshot", "--frob", "a"),
                     ("snapshot", "--diff", "--page-tables", "a", "b")):
            code, out, err = run(*args)
            self.assertEqual((code, out), (2, ""))
            self.assertEqual(len(err.splitlines()), 1)

