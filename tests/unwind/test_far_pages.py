# SPDX-License-Identifier: MIT
"""A stack may lead to memory that its own process, or a server, would have to provide: neither memmap nor the thread
waits for that."""
import os
import platform
import signal
import subprocess
import time

import pytest

from conftest import LIMIT, MEMMAP, Process, missing, need, refused, wait_until
from helpers.kernel import status_of
from helpers.programs import PROGRAMS, build, public_dir
from helpers.users import need_memory, need_root

PATIENCE, MARGIN = 2, 20  # seconds; without a time limit memmap would wait for ever


@pytest.fixture(name="far_page", scope="module")
def fixture_far_page():
    need_memory()
    if platform.machine() != "x86_64":
        missing("an x86-64 machine")
    program = public_dir() / "far_page"
    subprocess.run([need("gcc"), "-O1", "-fno-asynchronous-unwind-tables", "-o", program, PROGRAMS / "far_page.c"],
                   check=True)
    return program


def assert_not_waiting(process):
    wait_until(lambda: status_of(process, "State").startswith("S"), "the thread waits")
    begin = time.monotonic()
    run = subprocess.run([MEMMAP, "--frames", str(process.pid)], check=False, capture_output=True, timeout=LIMIT)
    assert time.monotonic() - begin < PATIENCE + MARGIN
    assert run.returncode == 3, run.stderr
    assert b"which cannot be read" in run.stderr
    assert b"main" in run.stdout
    wait_until(lambda: status_of(process, "TracerPid") == "0", "the thread is let go")
    wait_until(lambda: status_of(process, "State").startswith("S"), "the thread waits again")


def test_frame_pointer_into_userfaultfd(far_page):
    try:
        with Process([far_page]) as process:
            assert_not_waiting(process)
    except AssertionError as error:
        if "refused" in str(error):
            refused("userfaultfd(2) (Linux 4.3; root, or vm.unprivileged_userfaultfd=1)")
        raise


def test_frame_pointer_into_a_file_of_a_server(far_page, tmp_path):
    """The file system's server is stopped: the start of the file may be in memory, but its end is not."""
    need_root()
    if not os.path.exists("/dev/fuse"):
        missing("/dev/fuse")
    large, mounted = tmp_path / "large", tmp_path / "mounted"
    mounted.mkdir()
    large.write_bytes(build("two_threads.c", "cc", "-static").read_bytes() + bytes(8 << 20))
    large.chmod(0o755)
    with Process([build("fuse_program.c"), mounted, large]) as other:
        enter = [need("nsenter"), f"--mount=/proc/{other.pid}/ns/mnt"]
        with Process([*enter, far_page, mounted / "program"]) as process:
            server = int(other.lines[0])
            os.kill(server, signal.SIGSTOP)
            try:
                assert_not_waiting(process)
            finally:
                os.kill(server, signal.SIGKILL)
