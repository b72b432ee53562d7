# SPDX-License-Identifier: MIT
"""Ends the processes that tests have started, once the tests are gone, even if they were killed.

leftovers.py MARK < PIPE: waits until the tests no longer have the other end of the pipe. Their processes
are known by the mark in their environment, also those in sessions and PID namespaces of their own.
"""
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

NAME = "MEMMAP_TESTS"


def end_after_me():
    """What this process starts from now on ends with it."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    # This end of the pipe is not inherited. The one who waits has a session of its own, and no mark.
    waiting = subprocess.Popen([sys.executable, "-S", __file__, mark], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    os.environ[NAME] = mark
    return waiting


def marked(mark):
    """The processes with this mark that are not dead already."""
    entry = f"{NAME}={mark}".encode()
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if entry in (directory / "environ").read_bytes().split(b"\0"):
                yield int(directory.name)
        except OSError:
            pass  # another user's, or gone


def main():
    sys.stdin.read()
    while pids := list(marked(sys.argv[1])):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)


if __name__ == "__main__":
    main()
