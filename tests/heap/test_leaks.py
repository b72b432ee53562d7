# SPDX-License-Identifier: MIT
"""--leaks finds planted blocks that nothing leads to, and no block that anything holds."""
import os
import re
import shutil
import signal
import struct
import subprocess

import pytest

from conftest import Process, memmap, memmap_json, need
from helpers.cores import core_target, kernel_core
from helpers.documents import assert_valid
from helpers.kernel import wait_for_rest
from helpers.programs import build, run, start
from helpers.users import need_memory
from helpers.vocabulary import has_demangle

N = 100  # blocks of each kind, as in leaks.c

# By block size, including malloc's header: how many blocks, and whether another lost block points to them.
PLANTED = {
    "lost": {512: (N, False)},
    "lists": {608: (N, False), 720: (2 * N, True)},
    "circles": {816: (2 * N, True)},
    "ended": {912: (N, False), 1008: (N, False)},
}
HELD = ["held", "inner", "cached", "circles-held", "threads", "results"]
VARIANTS = [("gcc",), ("gcc", "-static"), ("i686-linux-gnu-gcc",)]


def variant_id(variant):
    return "".join(variant)


def core_of(process, folder):
    """A core file of a process that keeps running."""
    need_memory()
    run(need("gcore"), "-o", folder / "core", str(process.pid), stdin=subprocess.DEVNULL)
    core, = folder.glob("core*")
    return core


def groups_of(target):
    return {leak["size"]: (leak["blocks"], leak["holder"] is not None) for leak in target["leaks"]}


def is_found(planted, found):
    """Up to two blocks may be missing: a stale pointer somewhere still leads to them."""
    return all(abs(found.get(size, (0, has_holder))[0] - blocks) <= 2 and found[size][1] == has_holder
               for size, (blocks, has_holder) in planted.items())


@pytest.mark.parametrize("shape", PLANTED)
def test_planted_in_core(tmp_path, shape):
    with start("leaks.c", shape) as process:
        target = memmap_json("--leaks", core_of(process, tmp_path), status=4)["targets"][0]
    assert is_found(PLANTED[shape], groups_of(target)), target["leaks"]
    assert target["unsure"] == {"blocks": 0, "bytes": 0}


@pytest.mark.parametrize("shape", HELD)
def test_held_in_core(tmp_path, shape):
    with start("leaks.c", shape) as process:
        target = memmap_json("--leaks", core_of(process, tmp_path))["targets"][0]
    assert target["leaks"] == []


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_nothing_is_read_behind_a_mapping(tmp_path, variant):
    """A block with a mapping of its own has no next block whose first word it could use: memmap does not read on."""
    with start("rtti.c", "500", variant=variant) as process:
        target = memmap_json("--leaks", core_of(process, tmp_path), status=4)["targets"][0]
    assert target["unsure"] == {"blocks": 0, "bytes": 0}


def test_mapping_behind_a_block(tmp_path):
    """A pointer to the mapping after a block, as the main thread's variables have there, does not hold the block."""
    with start("leaks.c", "mapped") as process:
        need_memory()
        stopped = memmap_json("--leaks", "--stop", process.pid, status=4)["targets"][0]
        dead = memmap_json("--leaks", core_of(process, tmp_path), status=4)["targets"][0]
    for target in stopped, dead:
        assert [(leak["blocks"], leak["holder"]) for leak in target["leaks"]] == [(3, None)]


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_class_of_lost_objects(tmp_path, variant):
    """All objects but the last, whose address the program has, are lost and have a class."""
    with start("rtti.c", "500", "N3net10ConnectionE", variant=variant) as process:
        target = memmap_json("--leaks", core_of(process, tmp_path), status=4)["targets"][0]
    name = "net::Connection" if has_demangle() else "N3net10ConnectionE"
    leak, = [leak for leak in target["leaks"] if leak["class"]]
    assert (leak["class"], leak["size"], leak["holder"]) == (name, 80, None)
    assert 490 <= leak["blocks"] <= 499
    assert leak["bytes"] == 80 * leak["blocks"]


def test_alike_but_for_the_holder(tmp_path):
    """Lost blocks of one size are two groups: those that another lost block points to, and the rest."""
    with start("leaks.c", "pairs") as process:
        target = memmap_json("--leaks", core_of(process, tmp_path), status=4)["targets"][0]
    first, second = target["leaks"]
    assert first["size"] == second["size"] and first["holder"] is None and second["holder"] is not None
    assert abs(first["blocks"] - N) <= 2 and abs(second["blocks"] - N) <= 2


def test_class_in_table(tmp_path):
    """CLASS is blank for blocks whose class is not known."""
    with start("leaks.c", "lost") as process:
        core = core_of(process, tmp_path)
    lines = memmap("--leaks", core, text=True).stdout.splitlines()
    assert lines[1].split() == ["CLASS", "SIZE", "BLOCKS", "BYTES", "SAMPLE", "HOLDER"]
    assert lines[2].split()[0] == "512B"
    lost, = memmap_json("--leaks", core, status=4)["targets"][0]["leaks"]
    assert lost["class"] is None
    assert f"{lost['blocks']} blocks ({lost['bytes']}B) lost: " in memmap("--leaks", "-b", core, text=True).stdout


@pytest.mark.parametrize("shape", ["register", "header"])
def test_register_in_core(tmp_path, shape):
    """A pointer that is only in a register, and nowhere in memory, holds its block."""
    with start("leaks.c", shape) as process:
        wait_for_rest(process)
        assert memmap_json("--leaks", core_of(process, tmp_path))["targets"][0]["leaks"] == []


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_process_that_runs_on(variant):
    with start("leaks.c", *PLANTED, *HELD, variant=variant) as process:
        need_memory()
        target = memmap_json("--leaks", process.pid, status=4)["targets"][0]
        found = groups_of(target)
        if variant == ("gcc",):
            assert is_found(PLANTED["lists"], found) and is_found(PLANTED["circles"], found), found
        assert len(found) == sum(map(len, PLANTED.values()))
        assert target["verdict"].startswith(f"{sum(blocks for blocks, _ in found.values())} blocks")


def test_order():
    """Groups that no lost block points to come first, and the largest of them before the others."""
    with start("leaks.c", *PLANTED) as process:
        need_memory()
        leaks = memmap_json("--leaks", process.pid, status=4)["targets"][0]["leaks"]
    order = [(leak["holder"] is not None, -leak["bytes"]) for leak in leaks]
    assert order == sorted(order)
    assert all(leak["bytes"] == leak["blocks"] * leak["size"] for leak in leaks)


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
@pytest.mark.parametrize("shape", PLANTED)
def test_planted_while_it_stands_still(shape, variant):
    with start("leaks.c", shape, variant=variant) as process:
        need_memory()
        target = memmap_json("--leaks", "--stop", process.pid, status=4)["targets"][0]
        if variant == ("gcc",):
            assert is_found(PLANTED[shape], groups_of(target)), target["leaks"]
        assert len(target["leaks"]) == len(PLANTED[shape])


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
@pytest.mark.parametrize("shape", HELD)
def test_held_while_it_stands_still(shape, variant):
    with start("leaks.c", shape, variant=variant) as process:
        need_memory()
        target = memmap_json("--leaks", "--stop", process.pid)["targets"][0]
        assert target["leaks"] == [] and target["unsure"] == {"blocks": 0, "bytes": 0}


@pytest.mark.parametrize("shape", ["register", "header"])
@pytest.mark.parametrize("variant", VARIANTS[:2], ids=variant_id)
def test_register_while_it_stands_still(variant, shape):
    with start("leaks.c", shape, variant=variant) as process:
        need_memory()
        wait_for_rest(process)
        assert memmap_json("--leaks", "--stop", process.pid)["targets"][0]["leaks"] == []


def test_few_are_unsure():
    """In a running process a few lost blocks are unsure: the thread's registers may lead to that many."""
    with start("leaks.c", "mapped") as process:
        need_memory()
        target = memmap_json("--leaks", process.pid)["targets"][0]
        assert target["leaks"] == [] and 1 <= target["unsure"]["blocks"] <= 3
        assert [note["code"] for note in target["notes"]] == ["leaks-unsure"]
        assert re.fullmatch(r"[123] blocks? \([\d.]+[KM]\) may be lost\.", target["verdict"])
        assert memmap("--leaks", process.pid, text=True).stdout.split("\n", 1)[1].startswith("\n")  # no headings


@pytest.mark.parametrize("shape, found", [("held", "No block of malloc(3) is lost."), ("lost", "100 blocks (50K) lost: ")])
def test_other_heap_beside_it(shape, found, tmp_path):
    """The verdict names another heap that was not looked into: its blocks may be lost, too."""
    node = shutil.copy(build("leaks.c"), tmp_path / "node")
    with Process([node, shape]) as process:
        need_memory()
        target = memmap_json("--leaks", "--stop", process.pid, status=4 if shape == "lost" else 0)["targets"][0]
    assert target["verdict"].startswith(found)
    assert target["verdict"].endswith(" The heap of V8 was not looked into.")


@pytest.mark.parametrize("variant", [("musl-gcc",), ("musl-gcc", "-static")], ids=variant_id)
def test_heap_of_others(variant):
    with start("leaks.c", "lost", variant=variant) as process:
        need_memory()
        target = memmap_json("--leaks", process.pid, status=3)["targets"][0]
        assert target["leaks"] is None and target["unsure"] is None and target["verdict"] is None
        for view in "--heap", "--blocks", "--leaks":
            assert len(memmap(view, process.pid, text=True).stdout.splitlines()) == 1  # no headings


def test_core_that_is_cut_off(tmp_path):
    """If a core file is cut off, malloc's arenas may be missing: memmap says that it found none."""
    with start("leaks.c", "lost") as process:
        core = core_of(process, tmp_path)
    os.truncate(core, core.stat().st_size // 10)
    for view in "--heap", "--leaks":
        texts = {note["code"]: note["text"] for note in memmap_json(view, core, status=3)["targets"][0]["notes"]}
        assert "core-truncated" in texts
        assert texts["heap-unknown"] == "no arena of glibc's malloc was found in the memory that the core file has"


def leave_out(core, address):
    """Drops the piece of memory with this address from a core file, as the kernel does if space runs out."""
    data = bytearray(core.read_bytes())
    assert data[4:6] == b"\x02\x01"
    start, size, n = *struct.unpack_from("<Q", data, 0x20), *struct.unpack_from("<HH", data, 0x36)
    for at in range(start, start + n * size, size):
        kind, vaddr, memory_size = struct.unpack_from("<I12xQ16xQ", data, at)
        if kind == 1 and vaddr <= address < vaddr + memory_size:
            struct.pack_into("<Q", data, at + 32, 0)
    core.write_bytes(data)


def unsure(groups):
    return [{**group, "unsure": True} for group in groups]


def unread_note(target):
    note, = [note for note in target["notes"] if note["code"] == "leaks-unread"]
    assert note["missing"]
    return note["text"]


def test_memory_that_is_missing(tmp_path):
    """Missing memory may hold pointers: blocks that nothing else leads to are shown, but none is called lost."""
    with start("leaks.c", "lost") as process:
        core = core_of(process, tmp_path)
    known = memmap_json("--leaks", core, status=4)["targets"][0]["leaks"]
    lost, = known
    assert not lost["unsure"]
    stack = memmap_json("-t", core)["targets"][0]["threads"][0]["stack_start"]
    leave_out(core, int(stack, 16))
    document = memmap_json("--leaks", core, status=3)
    assert_valid(document)
    target, = document["targets"]
    assert target["leaks"] == unsure(known) and target["unsure"] == {"blocks": lost["blocks"], "bytes": lost["bytes"]}
    size = f"{lost['bytes'] / 1024:.3g}K"
    said = f"may lead to {lost['blocks']} blocks ({size}) that nothing else leads to: "
    assert re.match(r"[\d.]+K of memory is not in the core file, and " + re.escape(said), unread_note(target))
    assert re.fullmatch(rf"{lost['blocks']} blocks \({size}\) may be lost: nothing in the core file leads to them, "
                        r"but it lacks [\d.]+K of memory\.", target["verdict"])
    run = memmap("--leaks", core, text=True)
    assert run.returncode == 3 and said in run.stderr
    assert run.stdout.splitlines()[1].split()[0] == "CLASS" and target["verdict"] in run.stdout


def test_memory_that_was_never_written(tmp_path):
    """A core file does not say whether memory was left out because it was never written, or on request."""
    _, core = kernel_core(tmp_path, build("leaks.c"), "lost", "untouched",
                          before_end=lambda live: os.kill(live.pid, signal.SIGSEGV))
    target = core_target(core, "--leaks", status=3)
    assert is_found(PLANTED["lost"], groups_of(target)) and target["leaks"] == unsure(target["leaks"])
    mapping, = (region for region in core_target(core)["regions"] if region["size"] == 4 << 20 and region["dumped"] == 0)
    assert re.search(rf": the largest part is 4M at {mapping['start'][2:]}, which was never written to, or left out by "
                     r"madvise\(MADV_DONTDUMP\): --leaks --stop can tell while the process runs$", unread_note(target))


def test_memory_that_is_missing_without_need(tmp_path):
    """Missing memory changes nothing if all blocks are reached from elsewhere."""
    _, core = kernel_core(tmp_path, build("leaks.c"), "held", "untouched",
                          before_end=lambda live: os.kill(live.pid, signal.SIGSEGV))
    target = core_target(core, "--leaks")
    assert target["leaks"] == [] and target["unsure"] == {"blocks": 0, "bytes": 0}
