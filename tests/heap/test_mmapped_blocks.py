# SPDX-License-Identifier: MIT
"""malloc blocks with a mapping of their own: memmap recognizes them by the block's header."""
import subprocess

import pytest

from conftest import memmap, memmap_json, need
from helpers.documents import raw_rows, target_of
from helpers.programs import run, start
from helpers.snapshots import need_snapshots, save
from helpers.users import need_memory

PAGE = 4096
N_BLOCKS = 9
VARIANTS = [("gcc",), ("gcc", "-static"), ("i686-linux-gnu-gcc",)]


@pytest.fixture(name="program", scope="module", params=VARIANTS, ids="".join)
def fixture_program(request):
    need_memory()
    with start("large_blocks.c", variant=request.param) as process:
        yield process


def places(program):
    """The address of each thing that the program made, by name."""
    return {name: int(address, 16) for name, address in map(str.split, program.lines)}


def region_at(target, address):
    region, = [region for region in target["regions"] if int(region["start"], 16) <= address < int(region["end"], 16)]
    return region


def bases(target, program):
    return {name: region_at(target, address)["basis"] for name, address in places(program).items()}


def expected(program):
    return {name: "perms" if name.startswith("own-") else "malloc" for name in places(program)}


def test_basis(program):
    target = target_of(program.pid)
    assert bases(target, program) == expected(program)
    for name, address in places(program).items():
        region = region_at(target, address)
        assert region["kind"] == "anon"
        if name != "joined-malloc":
            assert int(region["start"], 16) == (address - 1) // PAGE * PAGE or name.startswith("own-"), name


def test_in_tables(program):
    rows = raw_rows(memmap("-r", "-o", "START,BASIS", program.pid).stdout)
    assert {int(start, 16): basis for start, basis in rows[1:]}[places(program)["malloc"] // PAGE * PAGE] == "malloc"
    lookup = memmap("--at", hex(places(program)["memalign-page"]), program.pid, text=True).stdout.splitlines()
    assert ["BASIS", "malloc"] in [line.split() for line in lookup]


def test_explanation(program):
    target = target_of("-e", program.pid)
    said = {name: region_at(target, address)["explanation"] for name, address in places(program).items()}
    for name, text in said.items():
        assert ("begins with a block of malloc()" in text) == (not name.startswith("own-")), name
    assert said["malloc"].encode() in memmap("-e", program.pid).stdout


def test_core_file(program, tmp_path):
    run(need("gcore"), "-o", tmp_path / "core", str(program.pid), stdin=subprocess.DEVNULL)
    core, = tmp_path.glob("core*")
    assert bases(target_of(core), program) == expected(program)


def test_snapshot(program, tmp_path):
    need_snapshots()
    save(tmp_path / "a.json", program.pid)
    assert bases(target_of(tmp_path / "a.json"), program) == expected(program)
    assert memmap("-e", tmp_path / "a.json").stdout == memmap("-e", program.pid).stdout


def test_all_are_counted(program):
    """--heap and --at know all blocks, including those aligned to more than 16 bytes."""
    mapped = memmap_json("--heap", program.pid)["targets"][0]["arenas"][-1]
    assert (mapped["arena"], mapped["blocks"]) == ("mmap", N_BLOCKS)
    for name, address in places(program).items():
        lookup, = memmap_json("--at", hex(address), program.pid)["targets"][0]["at"]
        if name.startswith("own-"):
            assert lookup["block"] is None, name
        else:
            assert (lookup["block"]["start"], lookup["block"]["arena"]) == (hex(address), "mmap"), name


def test_pages_stay(program):
    """memmap does not bring pages into memory that were never written."""
    def memory_of(pid):
        with open(f"/proc/{pid}/statm", encoding="ascii") as statm, open(f"/proc/{pid}/status", encoding="ascii") as status:
            return statm.read(), [line for line in status if line.startswith(("VmPTE", "RssAnon"))]

    before = memory_of(program.pid)
    for args in (["-J"], ["-e"], ["-o", "BASIS"]):
        assert memmap(*args, program.pid).returncode == 0
    assert memory_of(program.pid) == before


@pytest.mark.parametrize("variant", VARIANTS, ids="".join)
@pytest.mark.parametrize("way", ["plain", "other"])
def test_joined_with_own_memory_in_a_core_file(tmp_path, way, variant):
    with start("joined_blocks.c", way, variant=variant) as process:
        run(need("gcore"), "-o", tmp_path / "core", str(process.pid), stdin=subprocess.DEVNULL)
        blocks, size = map(int, process.lines[0].split())
    core, = tmp_path.glob("core*")
    mapped = memmap_json("--heap", core)["targets"][0]["arenas"][-1]
    assert (mapped["blocks"], mapped["used"], mapped["system"], mapped["walked"]) == (blocks, size, size, 100)


@pytest.mark.parametrize("variant", VARIANTS, ids="".join)
@pytest.mark.parametrize("way", ["plain", "other", "limit"])
def test_joined_with_own_memory(way, variant):
    """Blocks are found even if the kernel has merged them with the program's own memory, which may look like blocks."""
    need_memory()
    with start("joined_blocks.c", way, variant=variant) as process:
        blocks, size = map(int, process.lines[0].split())
        mapped = memmap_json("--heap", process.pid)["targets"][0]["arenas"][-1]
        assert (mapped["blocks"], mapped["used"], mapped["system"], mapped["walked"]) == (blocks, size, size, 100)
        for address in (int(line, 16) for line in process.lines[1:]):
            lookup, = memmap_json("--at", hex(address + 5000), process.pid)["targets"][0]["at"]
            assert (lookup["block"]["start"], lookup["block"]["offset"]) == (hex(address), 5000)
        groups = memmap_json("--blocks", process.pid)["targets"][0]["blocks"]
        assert sum(group["bytes"] for group in groups if group["size"] is not None and group["size"] > 100 << 10) > size * 0.99


@pytest.mark.parametrize("variant", VARIANTS, ids="".join)
@pytest.mark.parametrize("args", [["1"], ["257"], ["1000"], ["257", "100"]], ids=" ".join)
def test_resized(args, variant):
    """The figures of resized blocks are right, although glibc 2.43 counts too many bytes, more with each resize."""
    need_memory()
    with start("resized_blocks.c", *args, variant=variant) as process:
        sizes = [int(line) for line in process.lines]
        mapped = memmap_json("--heap", process.pid)["targets"][0]["arenas"][-1]
        assert (mapped["blocks"], mapped["used"], mapped["system"], mapped["walked"]) \
            == (len(sizes), sum(sizes), sum(sizes), 100)


@pytest.mark.parametrize("variant", VARIANTS, ids="".join)
def test_what_cannot_be_told_apart(variant):
    """If the program's own memory looks exactly like one of the blocks, memmap says that blocks are missing."""
    need_memory()
    with start("joined_blocks.c", "same", variant=variant) as process:
        blocks, size = map(int, process.lines[0].split())
        target = memmap_json("--heap", process.pid, status=3)["targets"][0]
        mapped = target["arenas"][-1]
        assert mapped["used"] < mapped["system"] == size
        assert mapped["walked"] < 100
        assert [(note["code"], note["text"].split()[3]) for note in target["notes"]] == [("heap-unread", str(blocks))]
        lookup = memmap_json("--at", process.lines[3], process.pid, status=3)["targets"][0]
        assert lookup["at"][0]["block"] is None
        assert [note["code"] for note in lookup["notes"]] == ["heap-unread"]
        assert memmap("--blocks", process.pid).returncode == 3
        assert memmap("--leaks", process.pid).returncode == 3
