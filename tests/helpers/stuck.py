# SPDX-License-Identifier: MIT
"""Processes that do not get to the end of execve(2), since a server of files does not answer."""
import contextlib
import os
import signal

from conftest import Process, missing
from helpers.programs import build
from helpers.users import need_root

GIVEN_UP = 60  # seconds for memmap to give up; without a limit it would wait forever


@contextlib.contextmanager
def stuck(directory, request):
    """A process that executes a program, and a server that does not answer this request (fuse_program.c). Yields both
    PIDs."""
    need_root()
    if not os.path.exists("/dev/fuse"):
        missing("/dev/fuse")
    with Process([build("fuse_program.c"), directory, build("two_threads.c", "cc", "-static"), request]) as process:
        server = int(process.lines[0])
        try:
            yield process.pid, server
        finally:
            os.kill(server, signal.SIGKILL)
