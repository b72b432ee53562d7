# SPDX-License-Identifier: MIT
"""Any thread may tell the kernel any address for its control block: no page is brought, or waited for, there."""
import pytest

from cli.helpers import is_present
from conftest import memmap, missing
from threads.told import need_memory, start

# What would be the block is in the page as a whole, or begins or ends in the one next to it, which is there.
OFFSETS = [512, 0, -64]


def untouched(process):
    if "unsupported" in process.lines:
        missing("userfaultfd(2) (Linux 4.3; root, or vm.unprivileged_userfaultfd=1)")
    line, = (line for line in process.lines if line.startswith("untouched "))
    return int(line.split()[1], 16)


@pytest.mark.parametrize("args", [[], ["userfaultfd"]], ids=lambda args: " ".join(args) or "plain")
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("options", [[], ["-t"], ["-J"]], ids=lambda options: " ".join(options) or "none")
def test_nothing_is_touched(options, offset, args):
    """Where a fault would wait for the program, memmap would, too: until it is killed."""
    need_memory()
    with start("robust_list.c", str(offset), *args) as process:
        page = untouched(process)
        assert not is_present(process.pid, page)
        run = memmap(*options, process.pid, timeout=15)
        assert (run.returncode, run.stderr) == (0, b"")
        assert not is_present(process.pid, page)
