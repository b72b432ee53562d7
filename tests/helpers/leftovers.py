# SPDX-License-Identifier: MIT
"""Ends the processes that tests have started, once the tests are gone, even if they were killed.

A process of its own waits until the tests no longer have the other end of a pipe. Their processes are known by the mark
in their environment, also those in sessions and PID namespaces of their own.
"""
import os
import signal
import time
from pathlib import Path

NAME = "MEMMAP_TESTS"


def end_after_me():
    """What this process starts from now on ends with it."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    reading, _ = os.pipe()  # the other end stays open here, and is not inherited
    # No new python: to start one takes as long as many a test.
    if os.fork() == 0:
        try:
            wait_alone(reading)
            end_all(mark)
        finally:
            os._exit(0)
    os.close(reading)
    os.environ[NAME] = mark


def wait_alone(pipe):
    """In a session of its own, with no file of the tests open, until nobody can write to the pipe any more."""
    os.setsid()
    os.dup2(pipe, 0)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.read(0, 1)


def marked(mark):
    """The processes with this mark that are not dead already."""
    entry = f"{NAME}={mark}".encode()
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            if entry in (directory / "environ").read_bytes().split(b"\0"):
                yield int(directory.name)
        except OSError:
            pass  # another user's, or gone


def end_all(mark):
    while pids := list(marked(mark)):
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.05)
