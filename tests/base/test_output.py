# SPDX-License-Identifier: MIT
"""Where the output goes: a pipe whose reader leaves, a full device, nowhere at all."""
import os
import signal
import subprocess

import pytest

from conftest import MEMMAP, memmap, missing
from helpers.programs import start

FORMATS = [[], ["--json"], ["--raw"], ["--help"], ["--list-columns"]]


@pytest.fixture(scope="module")
def pid():
    with start("two_threads.c") as process:
        yield str(process.pid)


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_reader_that_leaves(pid, options):
    """A pipe without a reader ends memmap quietly, also where SIGPIPE is ignored."""
    for restore in (True, False):
        reader, writer = os.pipe()
        os.close(reader)
        # More than any buffer holds, so that writing fails while there is more to come.
        run = subprocess.run([MEMMAP, *options, *[pid] * 200], check=False, stdout=writer,
                             stderr=subprocess.PIPE, restore_signals=restore)
        os.close(writer)
        assert run.stderr == b""
        assert run.returncode == (-signal.SIGPIPE if restore else 0)


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_full_device(pid, options):
    if not os.path.exists("/dev/full"):
        missing("/dev/full")
    with open("/dev/full", "wb") as full:
        run = memmap(*options, pid, stdout=full)
    assert run.returncode == 1
    assert run.stderr.startswith(b"memmap: ") and run.stderr.count(b"\n") == 1
    assert b"No space left" in run.stderr


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_closed_standard_output(pid, options):
    """Nothing may be written into whatever file comes to have the number 1."""
    run = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', MEMMAP, *options, pid], check=False,
                         stderr=subprocess.PIPE)
    assert run.returncode == 1
    assert run.stderr.startswith(b"memmap: ") and run.stderr.count(b"\n") == 1


def test_closed_standard_input_and_error(pid):
    run = subprocess.run(["sh", "-c", 'exec "$0" "$@" <&- 2>&-', MEMMAP, "--raw", pid], check=False,
                         stdout=subprocess.PIPE)
    assert run.returncode == 0
    assert run.stdout == memmap("--raw", pid).stdout
