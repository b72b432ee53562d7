# SPDX-License-Identifier: MIT
"""What memmap says of a heap from outside, against what malloc itself says and does inside."""
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conftest import memmap_json
from helpers.programs import start
from helpers.users import need_memory

PAGE = 4096
VARIANTS = [("gcc",), ("gcc", "-static"), ("i686-linux-gnu-gcc",)]
SHAPES = {"small": (20000, 1000, 2), "mixed": (20000, 9000, 3), "large": (3000, 60000, 5), "all freed": (10000, 5000, 10**9)}


def variant_id(variant):
    return "".join(variant)


def heap_of(pid, **kwargs):
    """The arenas and the verdict of a process."""
    need_memory()
    target = memmap_json("--heap", pid, **kwargs)["targets"][0]
    assert_sums(target["arenas"])
    return target


def assert_sums(arenas):
    for arena in arenas:
        known = arena["used"] + arena["cached"] + arena["free"] + arena["top"]
        assert known <= arena["system"], arena
        assert (arena["walked"] == 100) == (known == arena["system"]), arena
        assert arena["returnable"] <= arena["resident"], arena


def by_malloc_info(process):
    """Of each arena, by malloc_info(3): its size, and the bytes that it calls free."""
    text = "\n".join(process.lines)
    root = ElementTree.fromstring(text[text.index("<malloc"):text.index("</malloc>") + len("</malloc>")])
    arenas = []
    for heap in root.findall("heap"):
        free = {total.get("type"): total for total in heap.findall("total")}
        # It adds up the flags in the sizes of free blocks, too.
        arenas.append((int(heap.find("system").get("size")), int(free["rest"].get("size")),
                       int(free["rest"].get("count")), int(free["fast"].get("size"))))
    return arenas


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("threads", [0, 3])
@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_as_malloc_info(variant, threads, shape):
    with start("heap.c", *map(str, shape), str(threads), variant=variant) as process:
        arenas = [arena for arena in heap_of(process.pid)["arenas"] if arena["arena"] != "mmap"]
        said = by_malloc_info(process)
        assert len(arenas) == len(said) == threads + 1
        for arena, (system, rest, count, fast) in zip(arenas, said):
            assert arena["walked"] == 100
            assert arena["system"] == system
            assert 0 <= rest - (arena["free"] + arena["top"]) <= 5 * count
            assert arena["cached"] >= fast
            assert arena["resident"] <= system + PAGE


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("threads", [0, 3])
@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_what_malloc_trim_returns(variant, threads, shape):
    with start("heap.c", *map(str, shape), str(threads), variant=variant) as process:
        predicted = sum(arena["returnable"] for arena in heap_of(process.pid)["arenas"])
        process.child.stdin.write(b"t")
        process.child.stdin.flush()
        before, after = map(int, process.child.stdout.readline().split())
        # Code that had not run before comes into memory with it.
        assert abs(predicted - (before - after) * PAGE) <= 16 * PAGE
        assert sum(arena["returnable"] for arena in heap_of(process.pid)["arenas"]) <= PAGE


def test_page_tables_stay():
    """Nothing that was never touched is touched."""
    def page_tables(pid):
        return next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmPTE" in line)

    with start("heap.c", "20000", "20000", "2", "3") as process:
        before = page_tables(process.pid), Path(f"/proc/{process.pid}/statm").read_text()
        heap_of(process.pid)
        assert (page_tables(process.pid), Path(f"/proc/{process.pid}/statm").read_text()) == before
