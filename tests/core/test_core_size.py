# SPDX-License-Identifier: MIT
"""The size of the core that a process would leave: -s -x forecasts that of the core which the kernel then writes."""
import re

import pytest

from conftest import memmap
from helpers.cores import kernel_core
from helpers.documents import target_of
from helpers.programs import build, run, start
from helpers.users import huge_pages, sees_nameless_files

DEFAULT_FILTER = 0x33
FILE_PRIVATE, ELF_HEADERS = 1 << 2, 1 << 4
LOAD = re.compile(r"^  LOAD +0x\w+ 0x(\w+) 0x\w+ 0x(\w+) 0x\w+", re.M)


def loads(core):
    return {int(start, 16): int(size, 16) for start, size in LOAD.findall(run("readelf", "-lW", core))}


def library():
    """An ELF file: its first page is in the core whatever its mode."""
    return re.search(r"=> (/\S*libc\.so\.6)", run("ldd", "/bin/sh"))[1]


def forecast(pid, *options):
    return target_of("-s", *options, pid)["process"]["limits"]["core"]


def check(directory, filter_bits, *args):
    """The first page of a memfd is in the core if the memfd's mode allows executing it."""
    is_known = filter_bits & (ELF_HEADERS | FILE_PRIVATE) != ELF_HEADERS or sees_nameless_files()
    found = []
    _, core = kernel_core(directory, build("dumps.c"), directory / "file", library(), *args, filter_bits=filter_bits,
                          before_end=lambda live: found.append(forecast(live.pid, "-x")))
    assert found == [{"used": sum(loads(core).values()) if is_known else None, "max": None, "unlimited": True}]


@pytest.mark.parametrize("filter_bits", [0, *(1 << bit for bit in range(7)), DEFAULT_FILTER, 0x7f], ids=hex)
def test_size(tmp_path, filter_bits):
    check(tmp_path, filter_bits)


@pytest.mark.parametrize("filter_bits", [0x1f, 0x20, 0x40, 0x60], ids=hex)
def test_huge_pages(tmp_path, filter_bits):
    with huge_pages(4):
        check(tmp_path, filter_bits, "huge")


def test_unknown_without_smaps():
    with start("kinds.c") as process:
        assert forecast(process.pid)["used"] is None
        assert forecast(process.pid, "-o", "+RSS")["used"] is None
        used = forecast(process.pid, "-x")["used"]
        text = memmap("-s", "-x", "-b", process.pid, text=True).stdout
        assert re.search(rf"^core that it would leave \(ulimit -c\) +{used} ", text, re.M)


def test_snapshot(tmp_path):
    with start("kinds.c") as process:
        snapshot = tmp_path / "a.json"
        snapshot.write_bytes(memmap("-J", "-s", "-x", process.pid).stdout)
    assert forecast(snapshot, "-x")["used"] is not None and forecast(snapshot)["used"] is None
    assert memmap("-J", "-s", "-x", snapshot).stdout == snapshot.read_bytes()
