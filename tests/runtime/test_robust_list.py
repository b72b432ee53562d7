# SPDX-License-Identifier: MIT
"""A thread can give the kernel any address for its robust list: memmap faults no page in there, nor waits for one."""
import os
import subprocess

import pytest

from conftest import LIMIT, MEMMAP, memmap, missing, need, refused
from helpers.kernel import is_present
from helpers.programs import start
from helpers.users import UNDER_STRACE, need_memory

# The supposed control block is all in the untouched page, or begins or ends in a neighbour, which is in memory.
OFFSETS = [512, 0, -64]


def untouched(process):
    if "unsupported" in process.lines:
        refused("userfaultfd(2) (Linux 4.3; root, or vm.unprivileged_userfaultfd=1)")
    line, = (line for line in process.lines if line.startswith("untouched "))
    return int(line.split()[1], 16)


@pytest.mark.parametrize("args", [[], ["userfaultfd"]], ids=lambda args: " ".join(args) or "plain")
@pytest.mark.parametrize("offset", OFFSETS)
@pytest.mark.parametrize("options", [[], ["-t"], ["-J"]], ids=lambda options: " ".join(options) or "none")
def test_nothing_is_touched(options, offset, args):
    """memmap leaves an untouched page alone: if the program handles its faults, memmap might wait forever."""
    need_memory()
    with start("robust_list.c", str(offset), *args) as process:
        page = untouched(process)
        assert not is_present(process.pid, page)
        run = memmap(*options, process.pid)
        assert (run.returncode, run.stderr) == (0, b"")
        assert not is_present(process.pid, page)


def without_move_pages(*args):
    """The output of memmap if the kernel refuses move_pages(2), as it does in many containers."""
    refuse = ["-f", "-qq", "-e", "trace=move_pages", "-e", "inject=move_pages:error=EPERM", "-o", os.devnull]
    run = subprocess.run([need("strace"), *refuse, MEMMAP, *map(str, args)], check=False, capture_output=True,
                         env=UNDER_STRACE, timeout=LIMIT)
    if b"ptrace" in run.stderr:
        missing("the right to trace a program with strace")
    assert (run.returncode, run.stderr) == (0, b"")
    return run.stdout


@pytest.mark.parametrize("offset", OFFSETS)
def test_nothing_is_touched_without_move_pages(offset):
    need_memory()
    with start("robust_list.c", str(offset)) as process:
        page = untouched(process)
        without_move_pages(process.pid)
        assert not is_present(process.pid, page)


def test_same_stacks_without_move_pages():
    need_memory()
    with start("stacks.c", "40:futex:own:4096:0", "2:futex:own:0:0", "2:futex:malloc:0:65536") as process:
        options = ["--raw", "-o", "START,END,KIND,TID", process.pid]
        assert without_move_pages(*options) == memmap(*options).stdout
