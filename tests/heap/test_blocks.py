# SPDX-License-Identifier: MIT
"""--blocks groups malloc blocks by class and size, as the programs under test report them."""
import json
import subprocess

import pytest

from conftest import memmap, memmap_json, need, often
from helpers.programs import run, start
from helpers.snapshots import need_snapshots
from helpers.users import need_memory
from helpers.vocabulary import has_demangle

COMPILERS = [
    ("g++",), ("g++", "-O2", "-s"), ("g++", "-static", "-s"), ("g++", "-no-pie"), ("g++", "-fno-rtti"),
    ("g++", "-fno-rtti", "-static"), ("clang++",), ("clang++", "-O2", "-s"), ("clang++", "-fno-rtti")]
PAGE = 4096
VARIANTS = [("gcc",), ("gcc", "-static"), ("i686-linux-gnu-gcc",)]


def variant_id(variant):
    return "".join(variant)


def blocks_of(target, **kwargs):
    need_memory()
    return memmap_json("--blocks", target, **kwargs)["targets"][0]["blocks"]


def count_by_class(groups):
    counts = {}
    for group in groups:
        if group["class"]:
            counts[group["class"]] = counts.get(group["class"], 0) + group["blocks"]
    return counts


def made(process):
    """The number of objects of each class, as classes.cc reports it."""
    return {name: int(n) for name, n in (line.split("\t") for line in process.lines if "\t" in line)}


def assert_sound(groups, arenas=None):
    for group in groups:
        assert group["size"] is None or group["bytes"] == group["size"] * group["blocks"], group
    assert len({(group["class"], group["size"]) for group in groups}) == len(groups)
    assert groups == sorted(groups, key=lambda group: -group["bytes"])
    if arenas:
        assert sum(group["blocks"] for group in groups) == sum(arena["blocks"] for arena in arenas)
        assert sum(group["bytes"] for group in groups) <= sum(arena["used"] for arena in arenas)


@pytest.mark.skipif(not has_demangle(), reason="this build cannot make names readable")
@pytest.mark.parametrize("variant", COMPILERS, ids=variant_id)
def test_classes(variant):
    with start("classes.cc", variant=variant) as process:
        groups = blocks_of(process.pid)
        assert_sound(groups, memmap_json("--heap", process.pid)["targets"][0]["arenas"])
        assert count_by_class(groups) == made(process)


@pytest.mark.skipif(not has_demangle(), reason="this build cannot make names readable")
def test_without_names_it_is_by_size():
    """Without type_info and symbols, blocks are grouped by size alone: memmap guesses no class."""
    with start("classes.cc", variant=("g++", "-fno-rtti", "-s")) as process:
        groups = blocks_of(process.pid)
        assert not count_by_class(groups)
        assert max(group["blocks"] for group in groups) >= 1000


def test_samples():
    """A group's sample is the address that the program has: the first object begins there, with its vtable pointer."""
    with start("rtti.c", "500") as process:
        last = int(process.lines[-1], 16)
        group, = [group for group in blocks_of(process.pid) if group["class"]]
        assert (group["blocks"], group["size"]) == (500, 80)
        assert int(group["sample"], 16) == last - 499 * 80


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_any_width(variant):
    with start("rtti.c", "300", "N3net10ConnectionE", variant=variant) as process:
        name = "net::Connection" if has_demangle() else "N3net10ConnectionE"
        assert count_by_class(blocks_of(process.pid)) == {name: 300}


@pytest.mark.parametrize("name", [
    "", "\x1b[31m6Object", "6Obj\nect", "6Object" * 2000, "no name", "99999999999Object", "N", "6Objec", "St", "\x80\xff",
    "*", "**6Object", "N" * 4000, "S_" * 100])
def test_names_that_are_none(name):
    with start("rtti.c", "300", name) as process:
        groups = blocks_of(process.pid)
        if has_demangle():
            assert not count_by_class(groups)
        assert all(char.isprintable() for group in groups for char in group["class"] or "")


@pytest.mark.parametrize("own", ["6Object", "", "N10__cxxabiv", "x" * 200])
def test_chance_is_no_class(own):
    """What looks like a type_info is ignored unless its own class is one of the C++ library's."""
    with start("rtti.c", "300", "6Object", own) as process:
        assert not count_by_class(blocks_of(process.pid))


@pytest.mark.parametrize("mode", ["one", "same"])
def test_many_vtables_of_one_class(mode):
    with start("vtables.c", mode, "140000") as process:
        assert count_by_class(blocks_of(process.pid)) == {"Object" if has_demangle() else "6Object": 140000}


def test_many_addresses_that_are_no_vtables():
    with start("vtables.c", "none", "140000") as process:
        assert count_by_class(blocks_of(process.pid)) == {"Object" if has_demangle() else "6Object": 10}


def test_many_long_names():
    """memmap reads no more than 256 MiB of names, and these a page at a time, not a word at a time."""
    with start("vtables.c", "long", "100000") as process:
        need_memory()
        target, = memmap_json("--blocks", process.pid, status=3)["targets"]
        assert [note["code"] for note in target["notes"]] == ["classes-limit"]
        assert not count_by_class(target["blocks"])


def test_table():
    with start("rtti.c", "500") as process:
        need_memory()
        lines = memmap("--blocks", process.pid, text=True).stdout.splitlines()
        assert lines[1].split() == ["CLASS", "SIZE", "BLOCKS", "BYTES", "SAMPLE"]
        assert lines[-1].split()[:2] == ["TOTAL", "-"]


def test_long_name_in_table(tmp_path):
    """A table shows a long class name in full, and does not widen rows that have no class."""
    need_snapshots()
    with start("rtti.c", "500") as process:
        document = memmap_json("--blocks", process.pid)
    document["targets"][0]["blocks"][0]["class"] = "Long" * 100
    path = tmp_path / "blocks.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    rows = memmap("--blocks", path, text=True).stdout.splitlines()[1:]
    assert [row for row in rows if row.startswith("Long" * 100 + " ")]
    assert max(len(row) for row in rows if not row.startswith("Long")) < 80


@pytest.mark.skipif(not has_demangle(), reason="this build cannot make names readable")
def test_names_are_readable_anyway():
    with start("rtti.c", "500") as process:
        need_memory()
        assert memmap("-C", "--blocks", process.pid).stdout == memmap("--blocks", process.pid).stdout
        assert memmap("-C", "--leaks", process.pid).returncode == 4


def test_page_tables_stay():
    """memmap reads names from files if the process has not touched them: its memory does not grow."""
    def page_tables(pid):
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm, open(f"/proc/{pid}/status", encoding="ascii") as status:
            return statm.read(), [line for line in status if "VmPTE" in line]

    with start("classes.cc", variant=("g++", "-O2", "-s")) as process:
        before = page_tables(process.pid)
        blocks_of(process.pid)
        assert page_tables(process.pid) == before


@pytest.mark.parametrize("threads", [1, 4])
def test_moving_heap(threads):
    with start("heap_churn.c", str(threads)) as process:
        need_memory()
        for _ in range(often(30)):
            shown = memmap("--json", "--blocks", process.pid)
            assert shown.returncode in (0, 3), shown.stderr
            assert_sound(json.loads(shown.stdout)["targets"][0]["blocks"])


@pytest.mark.skipif(not has_demangle(), reason="this build cannot make names readable")
def test_core_file(tmp_path):
    with start("classes.cc", variant=("g++", "-s")) as process:
        live = blocks_of(process.pid)
        run(need("gcore"), "-o", tmp_path / "core", str(process.pid), stdin=subprocess.DEVNULL)
        core, = tmp_path.glob("core*")
        assert blocks_of(core) == live
        assert count_by_class(live) == made(process)


def test_moving_heap_that_is_stopped():
    """With --stop the figures of a changing heap are complete: no note says otherwise."""
    with start("heap_churn.c", "4") as process:
        need_memory()
        for _ in range(10):
            target = memmap_json("--blocks", "--stop", process.pid)["targets"][0]
            assert [note["code"] for note in target["notes"]] == ["stopped"]
            assert_sound(target["blocks"])


def test_other_allocators():
    with start("heap.c", "100", "1000", "2", variant=("musl-gcc",)) as process:
        assert blocks_of(process.pid, status=3) is None


def block_at(target, address):
    lookup, = memmap_json("--at", hex(address), target)["targets"][0]["at"]
    return lookup["block"]


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_block_at_an_address(variant, tmp_path):
    need_memory()
    with start("rtti.c", "10", variant=variant) as process:
        freed, mapped, used = (int(line, 16) for line in process.lines)
        name = "Object" if has_demangle() else "6Object"
        first = {"start": hex(used), "size": 80, "offset": 0, "state": "used", "arena": "main", "class": name}
        run(need("gcore"), "-o", tmp_path / "core", str(process.pid), stdin=subprocess.DEVNULL)
        core, = tmp_path.glob("core*")
        for target in (process.pid, core):
            assert block_at(target, used) == first
            # The usable part of a block, as in malloc_usable_size(3), ends at the next block's size field.
            assert block_at(target, used + 71) == {**first, "offset": 71}
            assert block_at(target, used - 1) == {**first, "offset": None}
            assert block_at(target, freed)["state"] == "cached"
            large = block_at(target, mapped + 5000)
            assert (large["start"], large["offset"], large["arena"]) == (hex(mapped), 5000, "mmap")
            assert 1 << 20 <= large["size"] <= (1 << 20) + PAGE


def test_block_of_an_arena():
    """--at names a block's arena as --heap does, by the address of the arena's state."""
    with start("heap.c", "200", "1000", "2", "2") as process:
        need_memory()
        arenas = memmap_json("--heap", process.pid)["targets"][0]["arenas"]
        arena = arenas[1]["arena"]
        # The state is at the start of the arena's first heap: the blocks follow it.
        block = block_at(process.pid, int(arena, 16) + 0x4000)
        assert block["arena"] == arena


def test_no_block():
    with start("rtti.c", "1") as process:
        lookups = memmap_json("--at", "main", "--at", "0x10", process.pid)["targets"][0]["at"]
        assert [lookup["block"] for lookup in lookups] == [None, None]
