# SPDX-License-Identifier: MIT
"""The program as a file: the same wherever it was built."""
import re
from pathlib import Path

from conftest import MEMMAP, ROOT

BUILD = Path(MEMMAP).resolve().parent.parent


def test_no_path_of_its_build():
    """Debug information names files by the way from the root of the sources: ./src/main.c."""
    program = Path(MEMMAP).read_bytes()
    assert b"./src/main.c" in program or b".debug_info" not in program
    for root in (ROOT, BUILD):
        found = re.search(rb"(?<![\w.])" + re.escape(bytes(root)) + rb"(?!\w)", program)
        assert not found, program[found.start() - 64:found.end() + 64]
