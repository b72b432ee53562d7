# SPDX-License-Identifier: MIT
"""-m: a row for each module, with the sizes that readelf shows, and what it costs in memory."""
import re
import subprocess

import pytest

from conftest import memmap, need
from helpers.documents import raw_rows, target_of
from helpers.programs import python
from helpers.readelf import elf_of

SIZES = ["TEXT", "RODATA", "RELRO", "DATA", "BSS"]


@pytest.fixture(name="process", scope="module")
def fixture_process():
    with python("import ssl, decimal") as process:
        yield process


def modules_of(process, *options):
    run = memmap("-m", "-b", "-r", *options, process.pid)
    assert (run.returncode, run.stderr) == (0, b"")
    headings, *rows = raw_rows(run.stdout)
    return [dict(zip(headings, row, strict=True)) for row in rows]


def test_sizes_are_those_of_readelf(process):
    rows = modules_of(process)
    assert len(rows) > 10
    for row in rows[:-1]:
        sizes = {name: int(row[name]) for name in SIZES}
        if row["NAME"] == "[vdso]":
            continue
        loads = elf_of(row["NAME"]).loads
        assert sum(sizes.values()) == sum(load.end - load.start for load in loads), row
        assert sizes["BSS"] == sum(load.end - load.file_end for load in loads), row
        writable = sum(load.file_end - load.start for load in loads if "W" in load.flags)
        assert sizes["RELRO"] + sizes["DATA"] == writable, row
        # If the first segment is code, section headers tell it from the constants in it.
        if not any(load.offset == 0 and "E" in load.flags for load in loads):
            assert sizes["TEXT"] == sum(load.end - load.start for load in loads if "E" in load.flags), row


def test_build_ids_and_places(process):
    unstrip = need("eu-unstrip")
    text = subprocess.run([unstrip, "-n", "-p", str(process.pid)], check=True, capture_output=True, text=True)
    found = re.findall(r"^(0x\w+)\+(0x\w+) ([0-9a-f]+)@", text.stdout, re.M)
    # New versions of libffi map a page of their code once more, which eu-unstrip takes for a module: the loaded
    # module is the largest with its build-id.
    largest = {}
    for start, size, build_id in found:
        largest[build_id] = max(largest.get(build_id, (0, 0)), (int(size, 16), int(start, 16)))
    wanted = {(start, build_id) for build_id, (_, start) in largest.items()}
    rows = modules_of(process, "-o", "START,BUILDID")[:-1]
    got = {(int(row["START"], 16), row["BUILDID"]) for row in rows}
    assert len(wanted) > 10 and wanted <= got


def test_sums(process):
    *rows, total = modules_of(process, "-X")
    assert total["NAME"] == "TOTAL"
    for column in [*SIZES, "PADDING", "RSS", "PRIVATE_DIRTY"]:
        assert int(total[column]) == sum(int(row[column]) for row in rows) > 0, column


def test_cost_is_that_of_the_regions(process):
    target = target_of("-x", process.pid)
    for i, row in enumerate(modules_of(process, "-o", "NAME,RSS,USS,PADDING")[:-1]):
        own = [region for region in target["regions"] if region["module"] == i]
        assert target["modules"][i]["path"] == row["NAME"]
        assert int(row["PADDING"]) == sum(region["padding"] for region in own) == target["modules"][i]["padding"]
        assert int(row["RSS"]) == sum(region["usage"]["rss"] for region in own), row
        assert target["modules"][i]["usage"]["rss"] == int(row["RSS"])


def test_narrowing_selects_modules(process):
    rows = modules_of(process, "--name", "libc.so.6")
    assert [row["NAME"].rsplit("/", 1)[-1] for row in rows] == ["libc.so.6", "TOTAL"]
    whole = {row["NAME"]: row for row in modules_of(process)}
    assert rows[0] == whole[rows[0]["NAME"]]


def test_order(process):
    *rows, total = modules_of(process, "--sort", "-TEXT")
    sizes = [int(row["TEXT"]) for row in rows]
    assert sizes == sorted(sizes, reverse=True) and total["NAME"] == "TOTAL"


def test_one_view_at_a_time():
    run = memmap("-m", "-t", "1", text=True)
    assert run.returncode == 2
    assert run.stderr.startswith("memmap: --modules and --threads are two views: one at a time\n")
