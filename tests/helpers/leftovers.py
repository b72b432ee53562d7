# SPDX-License-Identifier: MIT
"""Ends the processes that tests have started once the tests are gone, even if the tests were killed.

A separate process waits until the tests no longer hold the other end of a pipe. It finds their processes by a mark in
the environment, even in other sessions and PID namespaces.
"""
import os
import signal
import time
from pathlib import Path

NAME = "MEMMAP_TESTS"


def end_after_me():
    """The processes that this one starts from now on end with it."""
    mark = f"{os.getpid()}-{time.monotonic_ns()}"
    reading, _ = os.pipe()  # the other end stays open here, and is not inherited
    # Not a new python: starting one takes as long as some tests.
    if os.fork() == 0:
        try:
            wait_alone(reading)
            end_all(mark)
        finally:
            os._exit(0)
    os.close(reading)
    os.environ[NAME] = mark


def wait_alone(pipe):
    """Wait until the other end of the pipe is closed, in a new session and without the tests' open files."""
    os.setsid()
    os.dup2(pipe, 0)
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    os.read(0, 1)


def marked(mark):
    """The processes with this mark that are still alive."""
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
