# SPDX-License-Identifier: MIT
"""A program may forge malloc's structures: memmap ends soon all the same, and needs little memory."""
import json
import struct

import pytest

from conftest import memmap
from helpers.programs import start
from helpers.users import need_memory


@pytest.fixture(autouse=True)
def fixture_need():
    need_memory()
    if struct.calcsize("P") != 8:
        pytest.skip("the program forges structures of 64-bit programs")


def codes_of(way, *options, **kwargs):
    """The codes and texts of the notes, which say that some of the heap is not known."""
    with start("hostile_heap.c", way) as process:
        shown = memmap("--json", *options, process.pid, **kwargs)
    assert shown.returncode == 3, shown.stderr
    return [(note["code"], note["text"]) for note in json.loads(shown.stdout)["targets"][0]["notes"]]


@pytest.mark.parametrize("way", ["caches", "arenas"])
def test_lists_that_share_blocks(way):
    notes = codes_of(way, "--heap")
    assert any(code == "heap-corrupt" and "lead to the same blocks" in text for code, text in notes), notes
