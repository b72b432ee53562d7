# SPDX-License-Identifier: MIT
"""Memory that was freed with MADV_FREE is not called dirty; what smaps calls dirty is not called clean."""
import json
import os

from conftest import memmap
from helpers.programs import start
from helpers.users import need_memory


def lazy_ranges(process):
    """{name: (start, end, end of what was freed)}"""
    lines = [line.split() for line in process.lines if line.startswith("lazy ")]
    return {name: tuple(int(field, 16) for field in fields) for _, name, *fields in lines}


def dirty_in(pages, begin, end):
    """The values of "dirty" for the resident pages in a range."""
    return {page["dirty"] for page in pages if page["state"] == "resident" and
            int(page["start"], 16) < end and int(page["end"], 16) > begin}


def document(*args):
    return json.loads(memmap("-J", *args).stdout)["targets"][0]


def test_given_back():
    need_memory()
    with start("lazyfree.c") as process:
        pages = document("--pages", "-k", "anon", process.pid)["pages"]
        for name, (begin, end, freed) in lazy_ranges(process).items():
            may_be = {True, None} if name == "again" else {None, False}
            if freed > begin:
                assert dirty_in(pages, begin, freed) <= may_be, name
                at, = document("--at", hex(begin), process.pid)["at"]
                assert at["page"]["dirty"] in may_be, name
            if freed < end:
                known = {True} if os.geteuid() == 0 else {True, None}  # only root may read the kernel's flags of pages
                assert dirty_in(pages, freed, end) <= known, name


def test_nothing_given_back():
    """If nothing was freed, all of it is dirty, for any user."""
    need_memory()
    with start("lazyfree.c", "plain") as process:
        (begin, end, _), = lazy_ranges(process).values()
        assert dirty_in(document("--pages", "-k", "anon", process.pid)["pages"], begin, end) == {True}
        at, = document("--at", hex(begin), process.pid)["at"]
        assert at["page"]["dirty"] is True
