# SPDX-License-Identifier: MIT
"""A program may forge malloc's structures: memmap ends soon all the same, and needs little memory."""
import struct

import pytest

from conftest import memmap_json
from helpers.cores import core_target, gdb_core
from helpers.documents import check_memory
from helpers.programs import build, start
from helpers.users import need_memory


@pytest.fixture(name="_", autouse=True)
def fixture_need():
    need_memory()
    if struct.calcsize("P") != 8:
        pytest.skip("the program forges structures of 64-bit programs")


SOON = 60  # seconds for what takes much less than one, or else many minutes


def notes_of(way, *options):
    """The codes and texts of the notes, which say that some of the heap is not known."""
    with start("hostile_heap.c", way) as process:
        target, = memmap_json("--heap", *options, process.pid, status=3, timeout=SOON)["targets"]
    return [(note["code"], note["text"]) for note in target["notes"]]


@pytest.mark.parametrize("way", ["caches", "arenas"])
def test_lists_that_share_blocks(way):
    notes = notes_of(way)
    assert any(code == "heap-corrupt" and "lead to the same blocks" in text for code, text in notes), notes


@pytest.mark.parametrize("option", ["--blocks", "--leaks"])
def test_large_blocks(tmp_path, option):
    with start("hostile_heap.c", "sparse") as process:
        assert check_memory(tmp_path, option, str(process.pid)) in (3, 4)


@pytest.mark.parametrize("options", [(), ("--stop",)], ids=["running", "stopped"])
def test_heap_of_no_memory(options):
    """That takes more than a minute if memmap looks at each address of the heap."""
    notes = notes_of("broken", *options)
    assert "heap-corrupt" in [code for code, _ in notes], notes


def test_mapped_blocks_of_no_memory():
    notes = notes_of("mapped")
    assert "heap-unread" in [code for code, _ in notes], notes


OWN = 0x100000000000  # a mapping of the program


def enlarge(core, size):
    """Makes the program header of OWN say that the mapping has `size` bytes, none of which are in the file."""
    data = bytearray(core.read_bytes())
    first, = struct.unpack_from("=Q", data, 32)
    number, = struct.unpack_from("=H", data, 56)
    place, = (at for at in range(first, first + 56 * number, 56) if struct.unpack_from("=Q", data, at + 16)[0] == OWN)
    struct.pack_into("=QQ", data, place + 32, 0, size)
    core.write_bytes(data)


def test_core_file_without_the_memory(tmp_path):
    _, core = gdb_core(tmp_path, build("hostile_heap.c"), "lost")
    enlarge(core, 16 << 40)
    notes = core_target(core, "--heap", status=3, timeout=SOON)["notes"]
    assert any("with a mapping of their own were found" in note["text"] for note in notes), notes
