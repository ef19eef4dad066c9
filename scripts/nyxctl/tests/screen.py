# SPDX-License-Identifier: GPL-2.0-only
"""A terminal: enough of one to see what nyxctl top shows, and what it leaves behind."""
import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

SEQUENCE = re.compile(rb"\033\[(\??)([0-9;]*)([A-Za-z])")
PATIENCE = 60


class Screen:
    """Runs a program on a pseudo terminal, and interprets what it writes."""

    def __init__(self, args, lines=24, columns=80, terminal="xterm"):
        self.lines, self.columns = lines, columns
        self.cells, self.row, self.column = {}, 0, 0
        self.modes = {"25": True, "7": True, "1049": False}
        self.beyond = self.scrolled = 0
        self.main = ""          # what was written while the other screen was not shown
        self.pending = b""
        self.master, self.slave = pty.openpty()
        self.resize(lines, columns)
        self.settings = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(
            args, stdin=self.slave, stdout=self.slave, stderr=self.slave, close_fds=True,
            env={**os.environ, "TERM": terminal}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))

    def resize(self, lines, columns):
        self.lines, self.columns = lines, columns
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))

    def press(self, keys):
        os.write(self.master, keys.encode())

    def text(self):
        return ["".join(self.cells.get((row, column), " ") for column in range(self.columns))
                .rstrip() for row in range(self.lines)]

    def put(self, char):
        if not self.modes["1049"]:
            self.main += char
        elif char == "\r":
            self.column = 0
        elif char == "\n":
            self.row += 1
            if self.row >= self.lines:
                self.scrolled += 1
                self.row = self.lines - 1
        elif self.column >= self.columns:
            self.beyond += 1
        else:
            self.cells[self.row, self.column] = char
            self.column += 1

    def control(self, private, numbers, letter):
        if private:
            assert letter in "hl" and numbers in self.modes, (numbers, letter)
            self.modes[numbers] = letter == "h"
        elif letter == "H":
            assert numbers == "", numbers
            self.row = self.column = 0
        elif letter == "K":
            self.erase(lambda row, column: row == self.row and column >= self.column)
        elif letter == "J":
            self.erase(lambda row, column: (row, column) >= (self.row, self.column))
        else:
            assert letter == "m", letter

    def erase(self, which):
        self.cells = {place: c for place, c in self.cells.items() if not which(*place)}

    def feed(self, data):
        self.pending += data
        while self.pending:
            if self.pending[0] == 0x1b:
                match = SEQUENCE.match(self.pending)
                if not match:
                    return
                self.control(*(part.decode() for part in match.groups()))
                self.pending = self.pending[match.end():]
            else:
                self.put(chr(self.pending[0]))
                self.pending = self.pending[1:]

    def read(self, seconds):
        """Reads what the program has written. Returns False if there is nothing."""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        self.feed(data)
        return bool(data)

    def until(self, condition, what):
        """Reads until the condition is true. Fails only if that takes very long."""
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, (what, self.text(), self.main)
            self.read(0.05)

    def shows(self, *parts):
        self.until(lambda: all(any(part in line for line in self.text()) for part in parts),
                   parts)

    def wait(self):
        """Waits for the end of the program. Returns its exit code."""
        self.until(lambda: self.process.poll() is not None, "the end")
        while self.read(0):
            pass
        return self.process.returncode

    def restored(self):
        """True if the terminal is as it was before."""
        return (self.modes == {"25": True, "7": True, "1049": False} and
                termios.tcgetattr(self.slave) == self.settings)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)
