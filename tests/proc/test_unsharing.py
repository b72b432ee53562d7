# SPDX-License-Identifier: MIT
"""Pages that a process shares with its parent or its children since fork(2) stay shared when memmap reads them."""
import re
from pathlib import Path

import pytest

from conftest import memmap
from helpers.kernel import wait_for_rest, wait_for_state
from helpers.programs import start
from helpers.threads import need_memory

VIEWS = [[], ["-x"], ["-e"], ["-J"], ["-t"], ["--heap"], ["--blocks"], ["--leaks"], ["--leaks", "--stop"], ["--pages", "-k", "heap"],
         ["--check"], ["--frames"], ["--shared"]]
SHARED = 10 << 20  # bytes, at least, of the heap alone


def shared_memory(pid):
    """Bytes of nameless memory and of [heap] that are shared with other processes."""
    size, counts = 0, False
    for line in Path(f"/proc/{pid}/smaps").read_text(encoding="utf-8").splitlines():
        fields = line.split()
        if re.match(r"[0-9a-f]+-", fields[0]):
            counts = fields[-1] in ("0", "[heap]")
        elif counts and fields[0] in ("Shared_Clean:", "Shared_Dirty:"):
            size += int(fields[1]) << 10
    return size


@pytest.fixture(name="process", scope="module")
def fixture_process():
    with start("fork_heap.c") as process:
        child, = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        # Until both processes sleep, they still write to their stacks, which they share.
        wait_for_rest(process)
        wait_for_state(child, "S")
        yield process


@pytest.mark.parametrize("options", VIEWS, ids=lambda options: " ".join(options) or "none")
def test_reading_unshares_nothing(process, options):
    need_memory()
    before = shared_memory(process.pid)
    assert before > SHARED
    assert memmap(*options, process.pid).returncode in (0, 3)
    assert shared_memory(process.pid) == before
