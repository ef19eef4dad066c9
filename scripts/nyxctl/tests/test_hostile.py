# SPDX-License-Identifier: GPL-2.0-only
"""Copies of the files, snapshots and folders that somebody made to mislead root."""
import os
import shutil
import subprocess

from common import run, settings
from snapshots import CAPABILITIES, Machine

OLD = "what was there before\n"
# Refuses to follow a link as the kernel does, by fs.protected_symlinks. With SWAP, a path is
# that of a file when it is looked up for the first time, and a link directly afterwards.
PROTECT = r"""
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int refuses(const char *path)
{
	struct stat status;

	if (strcmp(path, getenv("PROTECTED")) || fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW))
		return 0;
	errno = EACCES;
	return S_ISLNK(status.st_mode);
}

static void swap(const char *path)
{
	if (!strcmp(path, getenv("PROTECTED")) && getenv("SWAP")) {
		rename(getenv("SWAP"), path);
		unsetenv("SWAP");
	}
}

int stat(const char *path, struct stat *status)
{
	int ret = refuses(path) ? -1 : fstatat(AT_FDCWD, path, status, 0);

	swap(path);
	return ret;
}

int open(const char *path, int flags, ...)
{
	int fd = refuses(path) ? -1 : syscall(SYS_openat, AT_FDCWD, path, flags, 0600);

	swap(path);
	return fd;
}
"""


class Copies(Machine):
    """What a snapshot is taken of."""

    def test_name_not_utf8(self):
        """Such names cannot be written. The other files are."""
        for name in (b"\xff\xfe", b"\xff"):
            with open(os.fsencode(self.debugfs) + b"/" + name, "wb") as file:
                file.write(b"a\n")
        files = self.take(code=1)["files"]
        self.assertEqual(self.error.count("a file has a name that is not UTF-8"), 1)
        self.assertEqual(files["units"]["state"], "complete")
        self.put("debugfs/units", b"unit\nvtd\xff\n")
        self.take(code=1)
        self.assertIn("a file has a name that is not UTF-8", self.error)

    def test_links_and_pipes(self):
        """What a copy has instead of a file is not followed, and does not stop the tool."""
        self.put("secret/capabilities", "secret\n")
        self.debugfs.joinpath("link").symlink_to(self.folder / "secret/capabilities")
        self.debugfs.joinpath("folder").symlink_to(self.folder / "secret")
        os.mkfifo(self.debugfs / "pipe")
        files = self.take(code=1)["files"]
        for name in ("link", "folder", "pipe"):
            self.assertIn(f"{name} is not a file", self.error)
        self.assertFalse([f for f in files if f.startswith(("link", "folder", "pipe"))])
        for name in ("link", "folder", "pipe"):
            self.debugfs.joinpath(name).unlink()
        # One leads to another file of the copy.
        for name, target in (("devices", "units"),
                             ("vtd0/registers", self.folder / "secret/capabilities")):
            self.debugfs.joinpath(name).unlink()
            self.debugfs.joinpath(name).symlink_to(target)
        self.debugfs.joinpath("domains").unlink()
        os.mkfifo(self.debugfs / "domains")
        files = self.take(code=1)["files"]
        for name in ("devices", "domains", "vtd0/registers"):
            self.assertEqual(files[name]["state"], "unreadable")
        shutil.rmtree(self.debugfs / "vtd0")
        self.debugfs.joinpath("vtd0").symlink_to(self.folder / "secret")
        files = self.take(code=1)["files"]
        self.assertEqual(files["vtd0/capabilities"]["state"], "unreadable")
        self.debugfs.joinpath("units").unlink()
        os.mkfifo(self.debugfs / "units")
        files = self.take(code=1)["files"]
        self.assertEqual(files["units"]["state"], "unreadable")
        self.assertNotIn("secret", self.file.read_text())


class Shows(Machine):
    """What is shown."""

    def set_unit(self, name):
        """Makes a unit that does not remap interrupts the only one."""
        lines = (self.debugfs / "units").read_text().splitlines()
        cells = lines[1].replace("vtd0", name).split()
        cells[lines[0].split().index("intr")] = "off"
        self.put("debugfs/units", f"{lines[0]}\n{' '.join(cells)}\n")
        self.put(f"debugfs/{name}/capabilities", CAPABILITIES + "-        intr     it_is_broken\n")

    def test_reason(self):
        """Why a unit does not remap interrupts is read from the snapshot, too."""
        self.set_unit("vtd0")
        document = self.take()
        live = self.live("status")
        self.assertIn("does not remap interrupts: it is broken", live[1])
        self.assertEqual(run(f"--snapshot={self.file}", "status", folder="/nowhere",
                             sysfs="/nowhere"), live)
        # This machine has a unit of that name, but the snapshot is of another one.
        del document["files"]["vtd0/capabilities"]
        self.put_snapshot("snapshot.json", document)
        code, out, _ = run(f"--snapshot={self.file}", "status", folder=self.debugfs)
        self.assertEqual(code, 1)
        self.assertNotIn("broken", out)

    def test_reason_is_of_a_unit(self):
        """The name of a unit does not lead out of the folder."""
        self.set_unit("../out")
        code, out, _ = self.live("status")
        self.assertEqual(code, 1)
        self.assertIn("../out does not remap interrupts", out)
        self.assertNotIn("broken", out)

    def test_raw_error(self):
        """What is wrong is said without the bytes that a terminal obeys."""
        for text in (b'{"format": \x1b[2Jx', b'{"format": "\x1b[2J"', b"\xc2\x9b1m", b"\x07"):
            self.put("snapshot.json", text)
            code, out, err = run(f"--snapshot={self.file}", "status")
            self.assertEqual((code, out), (5, ""))
            self.assertNotRegex(err, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class Links(Machine):
    """Where a snapshot is written."""

    def setUp(self):
        super().setUp()
        self.target = self.put("old.json", OLD)

    def refused(self, link, environment=None):
        process = subprocess.run(
            [settings.program, f"--debugfs={self.debugfs}", "snapshot", link],
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, **(environment or {})})
        self.assertEqual((process.returncode, process.stdout), (4, ""), process.stderr)
        self.assertEqual(process.stderr, f"nyxctl: cannot write {link}: Permission denied\n")

    def test_link_of_another_user(self):
        """In a folder where everybody may write, a link is another user's trap."""
        with open("/proc/sys/fs/protected_symlinks", encoding="ascii") as setting:
            if setting.read().strip() != "1":
                self.skipTest("fs.protected_symlinks is not 1 on this machine")
        shared = self.folder / "shared"
        shared.mkdir()
        shared.chmod(0o1777)
        link = shared / "link.json"
        link.symlink_to(self.target)
        os.lchown(link, 65534, 65534)
        self.refused(link)
        self.assertEqual(self.target.read_text(), OLD)
        self.assertTrue(link.is_symlink())

    def protect(self, link, **environment):
        """Builds the library, and returns an environment in which it protects a link."""
        source = self.folder / "protect.c"
        source.write_text(PROTECT)
        library = str(self.folder / "protect.so")
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, source], check=True)
        return {"LD_PRELOAD": library, "PROTECTED": str(link),
                "ASAN_OPTIONS": "verify_asan_link_order=0", **environment}

    def test_protected_link(self):
        """The same where the kernel allows it: a library refuses what the kernel would."""
        link = self.folder / "link.json"
        link.symlink_to(self.target)
        self.refused(link, self.protect(link))
        self.assertEqual(self.target.read_text(), OLD)
        self.assertTrue(link.is_symlink())

    def test_link_at_the_wrong_moment(self):
        """Another user replaces a file of their own by a link while its path is looked up."""
        path = self.folder / "new.json"
        path.write_text(OLD)
        link = self.folder / "link.json"
        link.symlink_to(self.target)
        self.refused(path, self.protect(path, SWAP=str(link)))
        self.assertFalse(link.is_symlink())
        self.assertTrue(path.is_symlink())
        self.assertEqual(self.target.read_text(), OLD)

    def test_file_at_the_wrong_moment(self):
        """Another exporter or timer replaces the file while its path is looked up."""
        path = self.folder / "new.json"
        path.write_text(OLD)
        other = self.folder / "other.json"
        other.write_text("what the other wrote\n")
        process = subprocess.run(
            [settings.program, f"--debugfs={self.debugfs}", "snapshot", path],
            capture_output=True, text=True, timeout=60, check=False,
            env={**os.environ, **self.protect(path, SWAP=str(other))})
        self.assertEqual((process.returncode, process.stdout), (0, ""), process.stderr)
        self.assertFalse(other.exists())
        self.assertIn('"files"', path.read_text())
        self.assertEqual([p.name for p in self.folder.iterdir() if "new" in p.name], [path.name])
