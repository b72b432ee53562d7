# SPDX-License-Identifier: MIT
"""The line that shows how far a long reading has come: only in a terminal, and gone at the end."""
import re

from conftest import memmap
from helpers.programs import start
from helpers.screens import Screen
from helpers.users import need_memory

LINES = rb"(\rmemmap: [0-9.]+[BKMG] of memory read\x1b\[K)+\r\x1b\[K"


def test_nothing_stays_of_it():
    """Nothing remains of the line; whether it appears at all depends on how fast the machine is."""
    need_memory()
    with start("heap.c", "20000", "4000", "3") as process:
        with Screen("--blocks", process.pid) as screen:
            screen.end()
        alone = memmap("--blocks", process.pid)
    rest = re.sub(LINES, b"", screen.seen)
    assert b"of memory read" not in rest
    assert b"BLOCKS" in rest
    assert not alone.stderr
