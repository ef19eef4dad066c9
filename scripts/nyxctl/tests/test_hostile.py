# SPDX-License-Identifier: GPL-2.0-only
"""Copies of the files, snapshots and folders that somebody made to mislead root."""
from common import run
from snapshots import CAPABILITIES, Machine


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
