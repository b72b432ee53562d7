# SPDX-License-Identifier: MIT
"""A process can change its own auxiliary vector: memmap does not believe its page size or word size."""
import os

import pytest

from conftest import memmap, memmap_json, missing, need_64_bit
from helpers.programs import start

AT_PAGESZ = 6
PAGE_SIZE = os.sysconf("SC_PAGESIZE")


def liar_with(bits, *vector):
    need_64_bit("its addresses need them")
    process = start("lying_auxv.c", *map(str, (bits, *vector)))
    if process.lines:
        process.__exit__()
        missing(f"PR_SET_MM_MAP ({process.lines[0]})")
    return process


def kinds(process):
    document = memmap_json(process.pid)["targets"][0]
    return document["page_size"], {kind: total["size"] for kind, total in document["totals"].items()}


@pytest.mark.parametrize("size", (0, 1, 512, PAGE_SIZE * 16, 1 << 30, 1 << 62))
def test_page_size_is_the_machines(size):
    with liar_with(64, AT_PAGESZ, PAGE_SIZE) as honest, liar_with(64, AT_PAGESZ, size) as liar:
        assert kinds(liar) == kinds(honest)
        assert kinds(liar)[0] == PAGE_SIZE


def test_pages_of_lying_process():
    with liar_with(64, AT_PAGESZ, PAGE_SIZE * 16) as liar:
        run = memmap("--pages", "-k", "data", liar.pid, text=True)
        assert run.returncode == 0 and "resident" in run.stdout, run.stdout


def test_width_is_that_of_the_addresses():
    """A process with memory above 4 GiB is a 64-bit one, even if its auxiliary vector has 32-bit words."""
    with liar_with(32, *(AT_PAGESZ, PAGE_SIZE) * 10) as liar, liar_with(64, AT_PAGESZ, PAGE_SIZE) as honest:
        assert kinds(liar) == kinds(honest)
