# SPDX-License-Identifier: MIT
"""Stacks in several mappings, or in any sort of memory: every view shows them, with their threads."""
import json

import pytest

from conftest import memmap, memmap_json
from helpers.documents import ends
from helpers.kernel import PAGE, mappings_of, wait_for_rest
from helpers.programs import start
from helpers.threads import has_hidden_guard, parts, quiet_target_of, range_of, region_with, thread_of, told
from helpers.users import huge_pages

CHANGES = ["lock", "advise", "inside", "bottom", "many"]
PLACES = ["memfd", "shared", "file", "zero", "sysv"]
COMPILERS = [("gcc",), ("gcc", "-static"), ("musl-gcc",), ("i686-linux-gnu-gcc",)]


def others(process):
    return [stack for stack in told(process) if stack.what != "main"]


def access_at(process, address):
    perms, = (perms for begin, end, perms, *_ in mappings_of(process.pid) if begin <= address < end)
    return perms


def at(process, address):
    """The kind and thread that --at shows for an address."""
    done = memmap("-J", "--at", hex(address), process.pid)
    region = json.loads(done.stdout)["targets"][0]["at"][0]["region"]
    return region["kind"], region["tid"]


def size_of_stacks(process):
    """The size of all stacks that -s shows."""
    done = memmap("-J", "-s", process.pid)
    return json.loads(done.stdout)["targets"][0]["totals"]["stack"]["size"]


def assert_everywhere(process, target, stack, end=None):
    """The thread has its stack, and each part of it is a stack of that thread or, without access, a guard."""
    end = end or stack.end
    known = range_of(target, stack.tid)
    assert known and known[1] == end, stack
    # Pages without access at the bottom of a stack are a guard as well.
    assert known[0] == stack.start or known[0] > stack.start and "w" not in access_at(process, known[0] - 1), stack
    for region in parts(target, stack.start, end):
        kind = "stack" if "r" in region["perms"] else "guard"
        assert (region["kind"], region["tid"]) == (kind, stack.tid), (stack, region)
        assert at(process, ends(region)[0]) == (kind, stack.tid)
    if stack.guard:
        below = region_with(target, stack.start - 1)
        assert (below["kind"], below["tid"], below["size"]) == ("guard", stack.tid, stack.guard), stack
    assert thread_of(target, stack.tid)["used_by"] == "sp", stack


def assert_sum(process, target):
    assert size_of_stacks(process) == sum(region["size"] for region in target["regions"] if region["kind"] == "stack")


@pytest.mark.parametrize("variant", COMPILERS, ids="".join)
@pytest.mark.parametrize("change", CHANGES)
def test_pieces(variant, change):
    with start("pieces.c", f"3:{change}:own", "1:none:own", variant=variant) as process:
        wait_for_rest(process)
        target = quiet_target_of(process.pid)
        for stack in others(process):
            end = range_of(target, stack.tid)[1]
            assert stack.end <= end <= stack.end + 2 * PAGE  # musl's block lies above what it calls the stack
            assert_everywhere(process, target, stack._replace(guard=thread_of(target, stack.tid)["guard"])
                              if "musl" in variant[0] or change == "bottom" else stack, end)
        assert_sum(process, target)


def test_read_only_part():
    """A read-only part of a stack is a guard, like one without access: SBCL's guards are readable."""
    with start("pieces.c", "1:readonly:own") as process:
        stack, = others(process)
        target = memmap_json(process.pid)["targets"][0]
        found = parts(target, stack.start, stack.end)
        assert sorted({region["perms"] for region in found}) == ["r--p", "rw-p"]
        for region in found:
            assert (region["kind"], region["tid"]) == ("stack" if "w" in region["perms"] else "guard", stack.tid), region
        assert b"Pages that cannot be written to, which stop a stack" in memmap("-e", "-k", "guard", process.pid).stdout


@pytest.mark.parametrize("change", ["none", "lock", "inside"])
@pytest.mark.parametrize("place", PLACES)
def test_places(place, change):
    with start("pieces.c", f"2:{change}:{place}", "1:none:own") as process:
        wait_for_rest(process)
        target = quiet_target_of(process.pid)
        for stack in others(process):
            assert_everywhere(process, target, stack)
        assert_sum(process, target)


def test_hugetlb():
    with huge_pages(4), start("pieces.c", "1:none:huge") as process:
        wait_for_rest(process)
        target = quiet_target_of(process.pid)
        stack, = others(process)
        assert_everywhere(process, target, stack)


@pytest.mark.parametrize("change", ["lock", "advise", "many"])
def test_main_stack(change):
    """All pieces of the main stack count: in the map, for its thread, and against its limit."""
    with start("pieces.c", f"main:{change}") as process:
        wait_for_rest(process)
        target = quiet_target_of(process.pid)
        regions = [region for region in target["regions"] if region["kind"] == "stack"]
        assert len(regions) > 1 and {region["tid"] for region in regions} == {process.pid}
        assert range_of(target, process.pid) == (ends(regions[0])[0], ends(regions[-1])[1])
        rows = memmap("-s", "-b", process.pid).stdout.decode().splitlines()
        row, = (row for row in rows if row.startswith("main stack"))
        assert row.split()[4] == str(sum(region["size"] for region in regions)), row


@pytest.mark.parametrize("change", ["none", "inside", "lock"])
def test_ended(change):
    """glibc keeps the stack of an ended thread as the thread left it: memmap still shows it, of no thread."""
    with start("pieces.c", f"1:{change}:own", variant=("gcc", "-DENDED")) as process:
        wait_for_rest(process)
        target = quiet_target_of(process.pid)
        stack, = others(process)
        # memmap looks for guards without a mapping only if a living thread has one: here none is left.
        is_known = not has_hidden_guard(process.pid, stack)
        for region in parts(target, stack.start, stack.end):
            if "r" in region["perms"]:
                assert (region["kind"], region["tid"]) == ("stack" if is_known else "anon", None), region
            elif is_known:
                assert region["kind"] == "guard", region
        assert not is_known or region_with(target, stack.start - 1)["kind"] == "guard"
