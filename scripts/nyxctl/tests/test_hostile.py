# SPDX-License-Identifier: GPL-2.0-only
"""Copies of the files, snapshots and folders that somebody made to mislead root."""
from common import run
from snapshots import Machine


class Shows(Machine):
    """What is shown."""

    def test_raw_error(self):
        """What is wrong is said without the bytes that a terminal obeys."""
        for text in (b'{"format": \x1b[2Jx', b'{"format": "\x1b[2J"', b"\xc2\x9b1m", b"\x07"):
            self.put("snapshot.json", text)
            code, out, err = run(f"--snapshot={self.file}", "status")
            self.assertEqual((code, out), (5, ""))
            self.assertNotRegex(err, r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
