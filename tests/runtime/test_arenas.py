# SPDX-License-Identifier: MIT
"""glibc's malloc arenas: every heap is recognised by its header, and nothing else is taken for one."""
import os
from pathlib import Path

import pytest

from conftest import IS_64_BIT, missing, need_64_bit
from helpers.documents import ends
from helpers.kernel import mappings_of
from helpers.programs import build, start
from helpers.threads import Heap, is_arena, parts, quiet_target_of, region_with, target_without_memory, told
from helpers.users import as_nobody, need_root, need_whole_root

ROOM = (64 if IS_64_BIT else 1) << 20
PRELOADED = {"libjemalloc.so.2": "libjemalloc2", "libtcmalloc_minimal.so.4": "libtcmalloc-minimal4",
             "libmimalloc.so.2": "libmimalloc2.0"}


def variant_id(variant):
    return "".join(variant)


def rooms_of(process, target):
    """{start: thread IDs} of each heap but the main one, and the threads that use it."""
    rooms = {}
    for heap in told(process, Heap):
        if region_with(target, heap.address)["name"] != "[heap]":
            rooms.setdefault(heap.address & -ROOM, set()).add(heap.tid)
    return rooms


def assert_room(target, begin, tid, basis="thread"):
    """From a heap's beginning to the end of its room, writable memory is heap, and the rest is reserved."""
    for region in parts(target, begin, begin + ROOM):
        kind = "heap" if region["perms"] == "rw-p" else "reserved"
        assert (region["kind"], region["basis"], region["tid"]) == (kind, basis, tid), region
        assert begin <= ends(region)[0] and ends(region)[1] <= begin + ROOM, region


def assert_no_other(target, rooms):
    """The heaps that the kernel does not name are in these rooms, and all rooms have one."""
    found = {ends(region)[0] & -ROOM for region in target["regions"] if is_arena(region)}
    assert found == set(rooms)


def test_many_threads():
    """However many threads there are, each arena shows its thread."""
    need_64_bit("1,100 arenas do not fit")
    with start("arenas.c", "own", "1100") as process:
        regions = [region for region in quiet_target_of(process.pid)["regions"] if region["kind"] == "heap"]
        tids = {region["tid"] for region in regions if region["name"] != "[heap]"}
    assert len(tids) == 1100 and None not in tids


@pytest.mark.parametrize("variant", [("gcc",), ("clang",), ("gcc", "-static")], ids=variant_id)
def test_own(variant):
    with start("arenas.c", "own", "12", variant=variant) as process:
        target = quiet_target_of(process.pid)
        rooms = rooms_of(process, target)
        assert len(rooms) == 12
        for begin, tids in rooms.items():
            tid, = tids
            if not IS_64_BIT and region_with(target, begin)["tid"] is None:
                tid = None  # as below, in test_32_bit()
            assert_room(target, begin, tid)
        assert_no_other(target, rooms)


def test_large_variables():
    """Large thread-local variables hide the C library's own: the thread of an arena may then be unknown."""
    with start("arenas.c", "own", "4", variant=("gcc", "-DVARIABLES=100000")) as process:
        target = quiet_target_of(process.pid)
        rooms = rooms_of(process, target)
        assert len(rooms) == 4
        for begin, tids in rooms.items():
            tid = region_with(target, begin)["tid"]
            assert tid is None or {tid} == tids
            assert_room(target, begin, tid)


def test_shared():
    """An arena that several threads use belongs to no thread."""
    with start("arenas.c", "shared", "4") as process:
        target = quiet_target_of(process.pid)
        (begin, tids), = rooms_of(process, target).items()
        assert len(tids) >= 2
        assert_room(target, begin, None)
        assert_no_other(target, [begin])


def test_crossed():
    """If each of two threads holds the addresses of both arenas, it is unknown which thread uses which."""
    with start("arenas.c", "crossed", "2") as process:
        target = quiet_target_of(process.pid)
        rooms = rooms_of(process, target)
        assert len(rooms) == 2
        for begin in rooms:
            assert_room(target, begin, None)


def test_joined():
    """Full heaps next to each other merge into one mapping: each is found."""
    with start("arenas.c", "joined", "0") as process:
        target = quiet_target_of(process.pid)
        rooms = [heap.address for heap in told(process, Heap)]
        assert len(rooms) == 3
        assert (rooms[0], rooms[-1] + ROOM) in [(begin, end) for begin, end, *_ in mappings_of(process.pid)]
        for begin in rooms:
            region, = parts(target, begin, begin + ROOM)
            assert ends(region) == (begin, begin + ROOM)
            assert_room(target, begin, None)
        assert_no_other(target, rooms)


@pytest.mark.parametrize("way", ["grown", "shrunk"])
def test_several_heaps(way):
    """All heaps of an arena are found, full or partly given back."""
    need_64_bit("how many heaps there are is counted in rooms of 64 MiB")
    with start("arenas.c", way) as process:
        target = quiet_target_of(process.pid)
        rooms = rooms_of(process, target)
        assert len(rooms) == (3 if way == "grown" else 1)
        for begin, tids in rooms.items():
            tid, = tids
            assert_room(target, begin, tid)
        assert_no_other(target, rooms)


def test_32_bit():
    """In a 32-bit process, the room of a heap is 1 MiB."""
    with start("arenas.c", "own", "4", variant=("i686-linux-gnu-gcc",)) as process:
        target = quiet_target_of(process.pid)
        for heap in told(process, Heap):
            region = region_with(target, heap.address)
            assert (region["kind"], region["basis"]) == ("heap", "thread"), region
            assert region["tid"] in (heap.tid, None), region
            assert ends(region)[0] % (1 << 20) == 0
            after = region_with(target, ends(region)[1])
            assert (after["kind"], ends(after)[1]) == ("reserved", ends(region)[0] + (1 << 20)), after


@pytest.mark.parametrize("variant", [("gcc",), ("musl-gcc",)], ids=variant_id)
@pytest.mark.parametrize("threads", ["0", "3"])
def test_decoy(variant, threads):
    """Memory with the shape of a heap but without the header is no heap, alone or beside arenas."""
    with start("arenas.c", "decoy", threads, variant=variant) as process:
        target = quiet_target_of(process.pid)
        decoys = [heap.address for heap in told(process, Heap) if heap.what == "decoy"]
        assert len(decoys) == 3
        for address in decoys:
            region, = parts(target, address, address + 0x21000)
            assert ends(region) == (address, address + 0x21000), region
            assert (region["kind"], region["basis"]) == ("anon", "perms"), region
            after = region_with(target, ends(region)[1])
            assert (after["kind"], after["basis"]) == ("reserved", "perms"), after
        rooms = set() if variant == ("musl-gcc",) else rooms_of(process, target).keys() - set(decoys)
        assert len(rooms) == (int(threads) if variant == ("gcc",) else 0)
        assert_no_other(target, rooms)


@pytest.mark.parametrize("library", PRELOADED)
@pytest.mark.parametrize("way", ["own", "grown"])
def test_other_allocators(library, way):
    paths = [path for path in Path("/usr/lib").glob(f"*/{library}") if "i386" not in path.parent.name]
    if not paths:
        missing(f"{library} ({PRELOADED[library]})")
    with start("arenas.c", way, *(["12"] if way == "own" else []),
               env={**os.environ, "LD_PRELOAD": str(paths[0])}) as process:
        assert str(paths[0].resolve()) in Path(f"/proc/{process.pid}/maps").read_text()
        assert_no_other(quiet_target_of(process.pid), [])


@pytest.mark.parametrize("variant", [("musl-gcc",), ("musl-gcc", "-static")], ids=variant_id)
@pytest.mark.parametrize("way", ["own", "grown"])
def test_musl(variant, way):
    with start("arenas.c", way, *(["12"] if way == "own" else []), variant=variant) as process:
        assert_no_other(quiet_target_of(process.pid), [])


def test_one_thread():
    with start("arenas.c", "own", "0") as process:
        assert_no_other(quiet_target_of(process.pid), [])


@pytest.mark.parametrize("way", ["own", "grown"])
def test_without_memory(way):
    """Without access to memory, every heap that is not full is found by its shape, with basis pattern and no thread."""
    need_whole_root()
    if way == "grown":
        need_64_bit("how many heaps there are is counted in rooms of 64 MiB")
    with as_nobody(build("arenas.c"), way, *(["12"] if way == "own" else [])) as process:
        target = target_without_memory(process)
        rooms = rooms_of(process, target)
        assert len(rooms) == (12 if way == "own" else 3)
        tails = {end for _, end, perms, _ in mappings_of(process.pid) if perms == "---p"}
        known = [begin for begin in rooms if begin + ROOM in tails]
        assert known
        for begin in known:
            assert_room(target, begin, None, "pattern")
        assert_no_other(target, known)


def test_musl_without_memory():
    """Only glibc makes arenas: in a process with another C library, their shape means nothing."""
    need_root()
    with as_nobody(build("arenas.c", "musl-gcc"), "decoy", "0") as process:
        assert_no_other(target_without_memory(process), [])
