# SPDX-License-Identifier: MIT
"""Threads that run on the stack of a coroutine or a signal handler, or on one passed to clone(2)."""
import os
import signal

import pytest

from conftest import memmap, memmap_json
from helpers.documents import ends
from helpers.kernel import PAGE, wait_for_rest
from helpers.programs import start
from helpers.threads import parts, quiet_target_of, range_of, region_with, thread_of
from helpers.users import need_memory


def told_fibers(process):
    """(pid, tid, start, end) of each fiber."""
    lines = [line.split() for line in process.lines if line.startswith("fiber ")]
    return [(int(line[1]), int(line[2]), int(line[3], 16), int(line[4], 16)) for line in lines]


def assert_runs_on(target, tid, begin, end):
    for region in parts(target, begin, end):
        assert (region["kind"], region["tid"], region["basis"]) == ("stack", tid, "pattern"), region
    below = region_with(target, begin - 1)
    assert (below["kind"], below["tid"], below["size"]) == ("guard", tid, PAGE)


@pytest.mark.parametrize("args", [["main:coroutine"], ["main:signal"], ["main:coroutine", "thread:coroutine"],
                                  ["main:signal", "thread:signal", "thread:coroutine"], ["main:locked"],
                                  ["main:coroutine", "thread:locked"]], ids="+".join)
def test_fiber(args):
    """A fiber's memory is a stack of its thread, whose own stack is still shown, with USED unknown (elsewhere)."""
    need_memory()
    with start("fibers.c", *args) as process:
        wait_for_rest(process)
        target = quiet_target_of(process.pid)
        fibers = told_fibers(process)
        assert len(fibers) == len(args)
        for _, tid, begin, end in fibers:
            thread = thread_of(target, tid)
            assert begin <= int(thread["sp"], 16) < end
            assert_runs_on(target, tid, begin, int(thread["sp"], 16))
            own = range_of(target, tid)
            assert own and not own[0] <= begin < own[1]
            assert (thread["used"], thread["used_by"]) == (None, "elsewhere")
            if tid == process.pid:
                named, = (region for region in target["regions"] if region["name"] == "[stack]")
                assert own == ends(named)
        # The plain map, which reads as little as it can about threads, shows the same.
        rows = memmap("-rn", "-o", "START,KIND", process.pid).stdout.decode().split("\n")
        assert all(f"{begin:x} stack" in rows for _, _, begin, _ in fibers)
        sentences = memmap("-e", "-k", "stack", process.pid).stdout.decode()
        assert sentences.count(" runs on now: ") == len([region for region in target["regions"]
                                                         if (region["kind"], region["basis"]) == ("stack", "pattern")])


def test_clone():
    """A process that shares its parent's memory has the stack passed to clone(2), not the parent's [stack]."""
    need_memory()
    with start("fibers.c") as process:
        (pid, tid, begin, end), = told_fibers(process)
        try:
            assert pid == tid != process.pid
            target = memmap_json(pid)["targets"][0]
            named, = (region for region in target["regions"] if region["name"] == "[stack]")
            assert (named["kind"], named["tid"]) == ("stack", None)
            assert range_of(target, tid) == (begin, end)
            assert_runs_on(target, tid, begin, end)
            assert b"has ended" not in memmap("-e", pid).stdout.replace(b"or of one that has ended", b"")
            # [stack] is still the parent's.
            target = memmap_json(process.pid)["targets"][0]
            assert range_of(target, process.pid) == ends(named)
        finally:
            os.kill(pid, signal.SIGKILL)
