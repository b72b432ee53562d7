# SPDX-License-Identifier: MIT
"""A stack that leads to memory which its own process would have to bring there: neither memmap nor the thread waits."""
import platform
import subprocess
import time

import pytest

from conftest import LIMIT, MEMMAP, Process, missing, need, wait_until
from helpers.kernel import status_of
from helpers.programs import PROGRAMS, public_dir
from helpers.users import need_memory

PATIENCE, MARGIN = 2, 20  # seconds; without patience it would be for ever


@pytest.fixture(name="process")
def fixture_process():
    need_memory()
    if platform.machine() != "x86_64":
        missing("an x86-64 machine")
    program = public_dir() / "far_page"
    subprocess.run([need("gcc"), "-O1", "-fno-asynchronous-unwind-tables", "-o", program, PROGRAMS / "far_page.c"],
                   check=True)
    try:
        with Process([program]) as process:
            yield process
    except AssertionError as error:
        if "refused" in str(error):
            missing("userfaultfd(2)")
        raise


def test_frame_pointer_into_userfaultfd(process):
    wait_until(lambda: status_of(process, "State").startswith("S"), "the thread waits")
    begin = time.monotonic()
    run = subprocess.run([MEMMAP, "--frames", str(process.pid)], check=False, capture_output=True, timeout=LIMIT)
    assert time.monotonic() - begin < PATIENCE + MARGIN
    assert run.returncode == 3, run.stderr
    assert b"which cannot be read" in run.stderr
    assert b"main" in run.stdout
    wait_until(lambda: status_of(process, "TracerPid") == "0", "the thread is let go")
    wait_until(lambda: status_of(process, "State").startswith("S"), "the thread waits again")
