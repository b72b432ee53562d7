# SPDX-License-Identifier: MIT
"""Blocks of malloc with a mapping of their own: found by their header."""
import pytest

from conftest import memmap_json
from helpers.programs import start
from helpers.users import need_memory

N_BLOCKS = 9
VARIANTS = [("gcc",), ("gcc", "-static"), ("i686-linux-gnu-gcc",)]


@pytest.fixture(name="program", scope="module", params=VARIANTS, ids="".join)
def fixture_program(request):
    need_memory()
    with start("large_blocks.c", variant=request.param) as process:
        yield process


def places(program):
    """What the program has made, by name, as addresses."""
    return {name: int(address, 16) for name, address in map(str.split, program.lines)}


def test_all_are_counted(program):
    """Also those that are aligned to more than 16 bytes."""
    mapped = memmap_json("--heap", program.pid)["targets"][0]["arenas"][-1]
    assert (mapped["arena"], mapped["blocks"]) == ("mmap", N_BLOCKS)
    for name, address in places(program).items():
        lookup, = memmap_json("--at", hex(address), program.pid)["targets"][0]["at"]
        if name.startswith("own-"):
            assert lookup["block"] is None, name
        else:
            assert (lookup["block"]["start"], lookup["block"]["arena"]) == (hex(address), "mmap"), name
