# SPDX-License-Identifier: MIT
"""What memmap reports about a heap from outside agrees with what malloc reports and does inside."""
import json
import os
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest

from conftest import MEMMAP, Process, memmap, memmap_json, need, need_64_bit, often, wait_until
from helpers.kernel import mappings_of
from helpers.programs import build, run, start
from helpers.screens import on_terminal
from helpers.users import need_memory

PAGE = 4096
VARIANTS = [("gcc",), ("gcc", "-static"), ("i686-linux-gnu-gcc",)]
SHAPES = {
    "small": (5000, 1000, 2), "mixed": (3000, 9000, 3), "large": (600, 60000, 5), "all freed": (2000, 5000, 10**9)}


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


OTHERS_MAX = 16 * PAGE  # what a static program takes with sbrk(2) before malloc does


def rss_of(pid, name):
    """The resident bytes of each mapping with this name, according to the kernel."""
    is_it = False
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if re.match("[0-9a-f]+-", line):
            is_it = line.endswith(name)
        elif is_it and line.startswith("Rss:"):
            yield int(line.split()[1]) * 1024


def by_malloc_info(process):
    """For each arena, by malloc_info(3): its size, its free blocks' bytes and number, and its bytes in fastbins."""
    text = "\n".join(process.lines)
    root = ElementTree.fromstring(text[text.index("<malloc"):text.index("</malloc>") + len("</malloc>")])
    arenas = []
    for heap in root.findall("heap"):
        free = {total.get("type"): total for total in heap.findall("total")}
        # malloc_info(3) also adds up the flags in the sizes of free blocks. glibc 2.43 has no fastbins.
        arenas.append((int(heap.find("system").get("size")), int(free["rest"].get("size")),
                       int(free["rest"].get("count")), int(free["fast"].get("size")) if "fast" in free else 0))
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
        # Calling malloc_trim(3) may touch a page that had not been touched before.
        assert abs(predicted - (before - after) * 1024) <= 2 * PAGE
        assert sum(arena["returnable"] for arena in heap_of(process.pid)["arenas"]) <= PAGE


def cached_in(pid):
    return sum(arena["cached"] for arena in heap_of(pid)["arenas"])


def test_many_blocks_of_the_size_of_a_cache():
    with start("thread_caches.c", "1") as few, start("thread_caches.c", "25000") as many:
        assert cached_in(many.pid) == cached_in(few.pid) >= 7 * 1000


def test_many_blocks_that_look_like_caches():
    need_64_bit("the layout of a cache")
    with start("thread_caches.c", "25000", "fake") as process:
        notes = heap_of(process.pid, status=3)["notes"]
        assert [note["code"] for note in notes] == ["heap-caches"]


def test_narrow_terminal():
    """A narrow terminal still shows whether the figures are complete."""
    with start("heap.c", "20000", "500", "10", "1") as process:
        need_memory()
        lines = on_terminal("--heap", str(process.pid)).splitlines()
        heading, = [line for line in lines if "ARENA" in line]
        assert "WALKED" in heading and "HEAPS" not in heading
        assert all(len(line.replace("\033[1m", "").replace("\033[0m", "")) <= 80 for line in lines)


def test_end_of_a_threads_arena():
    """The free end of a thread's arena is for its next blocks: blocks in use pin at most the page where it begins."""
    with start("heap.c", "20", "5000", str(10**9), "2") as process:
        main, *others = [arena for arena in heap_of(process.pid)["arenas"] if arena["arena"] != "mmap"]
        assert main["spare"] == 0
        for arena in others:
            assert arena["pinned"] <= arena["free"] + PAGE
            assert PAGE <= arena["spare"] <= arena["top"]


@pytest.mark.parametrize("keep, most", [
    (1, "Most of it is in use: if that keeps growing, it may be a leak."),
    (10, "Most of it was freed, but lies scattered between blocks in use: the heap is fragmented."),
    (5000, "Most of it was freed, and malloc keeps it: it is not leaked."),
], ids=["in use", "fragmented", "kept"])
def test_verdict(keep, most):
    """After the figures, the verdict says what most of the heap is."""
    with start("heap.c", "20000", "500", str(keep)) as process:
        assert re.fullmatch(r"\S+ resident: \S+ in use in [\d,]+ blocks, \S+ malloc_trim\(3\) would return, "
                            r"\S+ free but pinned\. " + re.escape(most), heap_of(process.pid)["verdict"])


def test_verdict_on_untouched_blocks():
    """If blocks in use are partly untouched, the verdict also says how much of them is in memory."""
    with start("heap_shapes.c", "mapped") as process:
        assert re.search(r"in use in [\d,]+ blocks \(1\.\d+M of it in memory\), ", heap_of(process.pid)["verdict"])


def test_page_tables_stay():
    """memmap touches no page that the process never touched."""
    def page_tables(pid):
        return next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmPTE" in line)

    with start("heap.c", "20000", "20000", "2", "3") as process:
        before = page_tables(process.pid), Path(f"/proc/{process.pid}/statm").read_text()
        heap_of(process.pid)
        assert (page_tables(process.pid), Path(f"/proc/{process.pid}/statm").read_text()) == before


READINGS = often(30)


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
@pytest.mark.parametrize("threads", [1, 4])
def test_moving_heap(variant, threads):
    """The figures add up even if the heap changes while it is read."""
    with start("heap_churn.c", str(threads), variant=variant) as process:
        need_memory()
        for _ in range(READINGS):
            shown = memmap("--json", "--heap", process.pid)
            assert shown.returncode in (0, 3), shown.stderr
            assert_sums(json.loads(shown.stdout)["targets"][0]["arenas"])


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_memory_of_others_between(variant):
    """If other code calls sbrk(2), the main heap continues after that memory and counts it as its own."""
    with start("heap_shapes.c", "foreign", variant=variant) as process:
        main = heap_of(process.pid)["arenas"][0]
        assert main["walked"] == 100
        assert main["blocks"] >= 3000


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_block_with_a_mapping(variant):
    with start("heap_shapes.c", "mapped", variant=variant) as process:
        arena = heap_of(process.pid)["arenas"][-1]
        assert (arena["arena"], arena["blocks"]) == ("mmap", 1)
        assert arena["system"] == arena["used"] == (3 << 20) + PAGE
        assert (1 << 20) <= arena["resident"] <= (1 << 20) + PAGE


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_pages_of_zeroes(variant):
    """A page that was read but never written is the kernel's zero page, which does not count as RSS."""
    with start("heap_shapes.c", "read", variant=variant) as process:
        main, mapped = heap_of(process.pid)["arenas"]
        rss = sum(rss_of(process.pid, "[heap]"))
        assert rss - OTHERS_MAX <= main["resident"] <= rss
        assert main["returnable"] + main["pinned"] <= rss
        assert (mapped["used"], mapped["resident"]) == ((3 << 20) + PAGE, PAGE)


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_block_within_a_mapping(variant):
    """A large block is found even if the kernel has merged it with other memory mapped below it."""
    with start("heap_shapes.c", "joined", variant=variant) as process:
        address = int(process.lines[-1].split()[0], 16)
        arena = heap_of(process.pid)["arenas"][-1]
        assert (arena["arena"], arena["blocks"], arena["used"]) == ("mmap", 1, (3 << 20) + PAGE)
        lookup, = memmap_json("--at", hex(address + 5000), process.pid)["targets"][0]["at"]
        assert lookup["block"]["offset"] == 5000


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_words_like_a_header(variant):
    """Two small numbers, such as the Java virtual machine stores, are not taken for a block's header."""
    with start("heap_shapes.c", "alike", variant=variant) as process:
        arena = heap_of(process.pid)["arenas"][-1]
        assert (arena["arena"], arena["blocks"], arena["used"]) == ("mmap", 0, 0)


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_corrupt_heap(variant):
    """memmap says where a heap is corrupt: at the block with an impossible size, right after the overrun block."""
    with start("heap_shapes.c", "corrupt", variant=variant) as process:
        address = int(process.lines[-1].split()[0], 16)
        document = memmap_json("--heap", process.pid, status=3)
        note, = [note for note in document["targets"][0]["notes"] if note["code"] == "heap-corrupt"]
        place = int(re.search(r"block at ([0-9a-f]+)", note["text"]).group(1), 16)
        assert address < place < address + 2000
        assert document["targets"][0]["arenas"][0]["walked"] < 100


def test_verdict_with_exact_sizes():
    with start("heap.c", "100", "1000", "2") as process:
        target = memmap_json("--heap", process.pid)["targets"][0]
        sentence = memmap("--heap", "--bytes", process.pid, text=True).stdout.splitlines()[-1]
    used = sum(arena["used"] for arena in target["arenas"])
    assert f" {used}B in use in " in sentence and not re.search(r"\d[KMG]\b", sentence)
    assert re.search(r"\d[KMG] in use in ", target["verdict"])


@pytest.mark.parametrize("variant", [("musl-gcc",), ("musl-gcc", "-static")], ids=variant_id)
def test_musl_is_not_walked(variant):
    with start("heap.c", "100", "1000", "2", variant=variant) as process:
        target = memmap_json("--heap", process.pid, status=3)["targets"][0]
        assert target["arenas"] is None and target["verdict"] is None
        note = target["notes"][-1]
        if "-static" in variant:
            assert note["code"] == "heap-unknown"
        else:
            assert (note["code"], note["text"]) == ("heap-other", "heap of musl: not looked into")


@pytest.mark.parametrize(("name", "allocator"), [("chromium", "PartitionAlloc"), ("firefox-bin", "jemalloc")])
def test_allocators_in_programs_are_named(tmp_path, name, allocator):
    program = shutil.copy(build("heap.c", "musl-gcc", "-static"), tmp_path / name)
    with Process([program, "100", "1000", "2"]) as process:
        run = memmap("--heap", process.pid)
        assert run.returncode == 3
        assert f"heap of {allocator}: not looked into" in run.stderr.decode()


def test_core_file(tmp_path):
    """A core file has the same blocks as the live process, but does not say which pages were resident."""
    with start("heap.c", "20000", "1000", "2", "2") as process:
        live = heap_of(process.pid)["arenas"]
        run(need("gcore"), "-o", tmp_path / "core", str(process.pid), stdin=subprocess.DEVNULL)
        core, = tmp_path.glob("core*")
        target, = memmap_json("--heap", core)["targets"]
        dead = target["arenas"]
        same = ("arena", "heaps", "system", "used", "blocks", "cached", "free", "top", "walked")
        assert [[arena[key] for key in same] for arena in dead] == [[arena[key] for key in same] for arena in live]
        assert {arena["resident"] for arena in dead} <= {None, 0}
        assert re.search(r"free between them, \S+ free at the end, ", target["verdict"])


def test_verdict_on_a_core_file(tmp_path):
    """If most of a core file's heap is free, the verdict cannot say why, and says so."""
    with start("heap.c", "20000", "500", "10") as process:
        need_memory()
        run(need("gcore"), "-o", tmp_path / "core", str(process.pid), stdin=subprocess.DEVNULL)
        core, = tmp_path.glob("core*")
        verdict = memmap_json("--heap", core)["targets"][0]["verdict"]
        assert verdict.endswith("it is not known which pages were in memory.")


def top_of(process, arena):
    """Where the C library's data has the top of the main arena, and that top, from which on the heap is free."""
    mappings = mappings_of(process.pid)
    top = next(end for _, end, _, name in mappings if name == b"[heap]") - arena["top"]
    begin, end = next((begin, end) for begin, end, perms, name in mappings if b"/libc.so" in name and perms == "rw-p")
    with open(f"/proc/{process.pid}/mem", "rb") as memory:
        memory.seek(begin)
        return begin + memory.read(end - begin).index(struct.pack("P", top)), top


def is_sleeping(child):
    """Whether a process is in nanosleep(2) or clock_nanosleep(2)."""
    try:
        call = Path(f"/proc/{child.pid}/syscall").read_text()
    except ProcessLookupError:
        call = ""
    assert child.poll() is None, child.stderr.read()
    return re.match(r"(35|230) ", call) is not None


def test_arena_that_is_being_changed():
    """A thread may be preempted while its arena makes no sense: memmap lets it go on, and looks again."""
    need_memory()
    if os.uname().machine != "x86_64":
        pytest.skip("numbers of system calls are those of x86-64")
    with start("leaks.c", "held") as process, open(f"/proc/{process.pid}/mem", "r+b", buffering=0) as memory:
        arena = heap_of(process.pid)["arenas"][0]
        place, top = top_of(process, arena)
        os.pwrite(memory.fileno(), struct.pack("P", 16), place)
        with subprocess.Popen([MEMMAP, "--json", "--heap", str(process.pid)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as child:
            wait_until(lambda: is_sleeping(child), "a pause between two looks")
            os.pwrite(memory.fileno(), struct.pack("P", top), place)
            target, = json.loads(child.communicate()[0])["targets"]
        assert child.returncode == 0 and target["arenas"][0] == arena


@pytest.mark.parametrize("variant", VARIANTS, ids=variant_id)
def test_growing_heap(variant):
    """The top of a growing heap moves: memmap walks the blocks below it, or a note says that some are not known."""
    need_memory()
    for _ in range(3):
        with start("heap_grow.c", str(256 << 20), variant=variant) as process:
            for _ in range(3):
                shown = memmap("--json", "--heap", process.pid)
                target = json.loads(shown.stdout)["targets"][0]
                arena = target["arenas"][0]
                codes = [note["code"] for note in target["notes"]]
                assert_sums([arena])
                assert "heap-corrupt" not in codes
                assert arena["blocks"] > 0
                assert arena["walked"] == 100 or "heap-moving" in codes
                assert shown.returncode == (0 if arena["walked"] == 100 else 3), shown.stderr


def notes_on_fakes(*args):
    """What memmap shows of a program with fake arenas in its variables, and the notes' texts."""
    need_memory()
    with start("fake_arenas.c", *map(str, args), variant=("gcc",)) as process:
        target = memmap_json("--heap", process.pid, status=3)["targets"][0]
        assert_sums(target["arenas"])
        return target, [note["text"] for note in target["notes"]]


def test_variables_like_arenas_with_long_chains():
    """Words that may be many arenas, whose chains never lead back, do not hold memmap for hours."""
    target, texts = notes_on_fakes("chains", 1200)
    assert target["arenas"][0]["blocks"] > 0
    assert texts == ["too many places look like arenas of glibc's malloc: some may be missing"]


def test_variables_like_empty_arenas():
    """More variables like arenas than memmap reads do not hide the arena that has memory."""
    target, texts = notes_on_fakes("empty", 20)
    assert sum(arena["blocks"] for arena in target["arenas"]) > 0
    assert texts[0] == "too many places look like arenas of glibc's malloc: some may be missing"


def test_long_chain_of_arenas():
    target, _ = notes_on_fakes("long", 20000)
    assert len(target["arenas"]) > 20000


def test_thousands_of_corrupt_heaps():
    """memmap does not wait for thousands of heaps, one after the other, to make sense."""
    target, texts = notes_on_fakes("corrupt", 5000)
    assert max(arena["heaps"] for arena in target["arenas"]) > 4000
    assert "has an impossible size" in texts[0]
