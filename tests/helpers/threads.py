# SPDX-License-Identifier: MIT
"""Programs that report where their threads' stacks and heaps are (see report.h), and what memmap shows."""
import contextlib
import os
from pathlib import Path
from typing import NamedTuple

from conftest import memmap, memmap_json
from helpers.documents import assert_sound, ends, raw_rows
from helpers.kernel import GUARD, word_of_page
from helpers.users import document_without_memory, need_memory


class Stack(NamedTuple):
    """A thread's stack, as the C library reports it."""
    tid: int
    start: int
    end: int
    guard: int
    local: int
    control: int
    what: str


class Heap(NamedTuple):
    """An address that malloc() gave to a thread."""
    tid: int
    address: int
    what: str


def told(process, sort=Stack):
    """The stacks, or the heaps, that a program has reported."""
    tag = sort.__name__.lower()
    lines = [line.split(" ", len(sort._fields)) for line in process.lines if line.startswith(f"{tag} ")]
    return [sort(*(field if name == "what" else int(field, 0) for name, field in zip(sort._fields, line[1:])))
            for line in lines]


def sound_target_of(pid):
    """The one target of the document that `memmap --json PID` prints, checked for soundness."""
    need_memory()
    return sound(memmap_json(pid)["targets"][0])


READINGS = 5  # of a process that may still be starting
SETTLES = 50  # readings, enough for the threads of a run-time system to settle


def map_and_threads(pid):
    """The map and the threads of a process: they change when the process does."""
    return Path(f"/proc/{pid}/maps").read_bytes(), sorted(os.listdir(f"/proc/{pid}/task"))


def quiet_target_of(pid):
    """sound_target_of() for a process that does not change meanwhile: its table then agrees with its document."""
    for _ in range(READINGS):
        before = map_and_threads(pid)
        target = sound_target_of(pid)
        kinds = [[region["start"][2:], region["end"][2:], region["kind"]] for region in target["regions"]]
        rows = raw_rows(memmap("-rn", "-o", "START,END,KIND", pid).stdout)
        if before == map_and_threads(pid):
            break
    assert rows == kinds
    return target


def has_hidden_guard(pid, stack):
    """Whether the page below a stack is a guard that leaves no mapping."""
    return bool(word_of_page(pid, stack.start - 1) & GUARD)


def sound(target):
    """What holds for every target: what the kernel maps by itself is no stack, and stacks do not overlap."""
    assert_sound(target)
    assert_no_overlap(target)
    for region in target["regions"]:
        assert (region["name"] or "")[:2] != "[v" or region["kind"] == "vdso", region
        assert region["kind"] not in ("stack", "heap") or region["perms"][:2] == "rw", region
    return target


def ranges_of(target):
    """(start, end, thread) of each thread whose stack is shown."""
    return [(int(thread["stack_start"], 16), int(thread["stack_end"], 16), thread)
            for thread in target["threads"] if thread["stack_start"] is not None]


def assert_no_overlap(target):
    last = 0
    for begin, end, thread in sorted(ranges_of(target), key=lambda item: item[0]):
        assert last <= begin < end, thread
        if thread["used"] is not None:
            assert 0 <= thread["used"] <= end - begin, thread
        last = end


def thread_of(target, tid):
    thread, = (thread for thread in target["threads"] if thread["tid"] == tid)
    return thread


def range_of(target, tid):
    """Where the stack of a thread is, or None."""
    thread = thread_of(target, tid)
    if thread["stack_start"] is None:
        assert thread["stack_end"] is thread["used"] is thread["guard"] is None, thread
        return None
    return int(thread["stack_start"], 16), int(thread["stack_end"], 16)


def parts(target, begin, end):
    """The regions in a range, cut to it; together they cover all of it."""
    found = [region for region in target["regions"] if ends(region)[0] < end and ends(region)[1] > begin]
    assert sum(min(ends(region)[1], end) - max(ends(region)[0], begin) for region in found) == end - begin
    return found


def region_with(target, address):
    region, = parts(target, address, address + 1)
    return region


def is_arena(region):
    """Whether a region is a heap, or room for one, but not the one heap that the kernel names."""
    return region["basis"] in ("thread", "pattern") and region["kind"] in ("heap", "reserved")


def tids_of(process):
    return sorted(int(path.name) for path in Path(f"/proc/{process.pid}/task").iterdir())


def thread_names(pid):
    """The names of a process's threads by their IDs, without threads that end meanwhile, as a JVM's do."""
    names = {}
    for task in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(OSError):
            names[int(task.name)] = (task / "comm").read_text(errors="replace").strip()
    return names


def assert_threads(process, target):
    """All threads of a process are listed, in order, and no others."""
    assert [thread["tid"] for thread in target["threads"]] == tids_of(process)


def settled_target_of(process):
    """A run-time system may start a thread at any time: read until no thread came or went meanwhile."""
    for _ in range(SETTLES):
        before = tids_of(process)
        target = quiet_target_of(process.pid)
        if before == tids_of(process):
            return target
    raise AssertionError(f"threads came or went in each of {SETTLES} readings: {before}, {tids_of(process)}")


def target_without_memory(process):
    """What memmap shows to a reader that is the process's user, NOBODY, but may not read its memory."""
    target, = document_without_memory(process)["targets"]
    assert all(thread["sp"] is None for thread in target["threads"])
    return sound(target)
