# SPDX-License-Identifier: MIT
"""memmap in a terminal of some size, and what it writes there."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

from conftest import LIMIT, MEMMAP

HOME = b"\x1b[H"


def heed_interrupts():
    """If the tests run in the background, or under nohup(1), some of these are ignored; memmap would inherit that."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def take_terminal():
    heed_interrupts()
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Screen:
    """A program whose standard output and error are a terminal; use it in a with statement."""

    def __init__(self, *args, rows=24, columns=80, **environment):
        self.master, slave = pty.openpty()
        self.resize(rows, columns, signals=False)
        self.seen = b""
        self.child = subprocess.Popen(
            [MEMMAP, *map(str, args)], stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "NO_COLOR": "1", **environment},
            preexec_fn=take_terminal)
        os.close(slave)

    def resize(self, rows, columns, signals=True):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if signals:
            self.child.send_signal(signal.SIGWINCH)

    def read(self):
        """The next output, as soon as there is any; b"" when the program has ended."""
        assert select.select([self.master], [], [], LIMIT)[0], "nothing is written any more"
        try:
            data = os.read(self.master, 1 << 20)
        except OSError:
            data = b""
        self.seen += data
        return data

    def frames(self):
        """The complete pictures so far, as lists of lines."""
        pictures = self.seen.split(HOME)[1:]
        return [[line.replace(b"\x1b[K", b"").decode() for line in picture.split(b"\x1b[J")[0].split(b"\r\n")[:-1]]
                for picture in pictures if b"\x1b[J" in picture]

    def wait_for(self, condition):
        """Wait until the condition holds for the last picture, and return that picture."""
        end = time.monotonic() + LIMIT
        while not (self.frames() and condition(self.frames()[-1])):
            assert self.read(), self.seen
            assert time.monotonic() < end, self.seen
        return self.frames()[-1]

    def end(self):
        """Read to the end; returns the exit status, and what came after the last picture."""
        while self.read():
            pass
        return self.child.wait(timeout=LIMIT), self.seen.split(b"\x1b[J")[-1].decode()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        os.close(self.master)


def on_terminal(*args, columns=80, **variables):
    """What memmap writes to a terminal of that many columns."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    environment |= {"TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}
    child = subprocess.Popen([MEMMAP, *args], stdin=subprocess.DEVNULL, stdout=follower, env=environment)
    os.close(follower)
    output = b""
    try:
        while data := os.read(leader, 65536):
            output += data
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(leader)
    assert child.wait() == 0
    return output.decode().replace("\r\n", "\n")
