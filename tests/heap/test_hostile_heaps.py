# SPDX-License-Identifier: MIT
"""A program may forge malloc's structures: memmap ends soon all the same, and needs little memory."""
import struct

import pytest

from conftest import memmap_json
from helpers.documents import check_memory
from helpers.programs import start
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
