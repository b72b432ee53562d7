# SPDX-License-Identifier: MIT
"""-o, +LIST, --output-all, -H: which columns there are, and that each agrees with JSON."""
import os
import re

import pytest

from conftest import memmap
from helpers.documents import raw_rows, target_of
from helpers.programs import start

COLUMNS = ["START", "END", "SIZE", "PADDING", "PERMS", "KIND", "NAME", "OFFSET", "DEV", "INODE", "MODULE",
           "BUILDID", "TID", "BASIS", "FILE"]
DEFAULT = ["START", "END", "SIZE", "PERMS", "KIND", "NAME"]


@pytest.fixture(scope="module")
def process():
    with start("kinds.c") as process:
        yield process


@pytest.fixture(scope="module")
def whole(process):
    return target_of(process.pid)


def rows(process, *options):
    run = memmap("--raw", "--noheadings", *options, process.pid)
    assert (run.returncode, run.stderr) == (0, b"")
    return raw_rows(run.stdout)


def heading(process, *options):
    """The headings of the table: the first line with --raw, otherwise the line after that on the process."""
    lines = memmap(*options, process.pid).stdout.decode().split("\n")
    return lines[0 if "--raw" in options else 1].split()


def test_default(process):
    assert heading(process) == DEFAULT
    assert heading(process, "--raw") == DEFAULT


def test_list(process):
    assert heading(process, "-o", "NAME,START") == ["NAME", "START"]
    assert heading(process, "--output=KIND") == ["KIND"]


def test_case_does_not_matter(process):
    assert heading(process, "-o", "name,Start") == ["NAME", "START"]


def test_added(process):
    assert heading(process, "-o", "+OFFSET,INODE") == [*DEFAULT, "OFFSET", "INODE"]


def test_all(process):
    assert set(COLUMNS) <= set(heading(process, "--output-all"))


def test_list_columns():
    run = memmap("--list-columns")
    assert (run.returncode, run.stderr) == (0, b"")
    assert run.stdout == memmap("-H").stdout
    listed = {}
    for line in run.stdout.decode().split("\n"):
        if match := re.match(r" *([A-Z_]+)  +(\S.*)", line):
            listed[match[1]] = match[2]
    assert set(COLUMNS) <= set(listed)


def test_every_listed_column_can_be_asked_for(process):
    listed = re.findall(r"^ *([A-Z_]+)\b", memmap("-H").stdout.decode(), re.MULTILINE)
    assert len(set(listed)) == len(listed) >= len(COLUMNS)
    for name in listed:
        assert heading(process, "-o", name) == [name]


def cell(target, region, name):
    """What a raw table shows, from what JSON says."""
    module = None if region["module"] is None else target["modules"][region["module"]]
    value = {
        "START": region["start"].removeprefix("0x"),
        "END": region["end"].removeprefix("0x"),
        "OFFSET": region["offset"],
        "MODULE": module and os.path.basename(module["path"]),
        "BUILDID": module and module["build_id"],
        "NAME": region["name"] or (module and module["path"]),
    }.get(name, region.get(name.lower()))
    return "-" if value is None else str(value).replace("\\", r"\x5c").replace(" ", r"\x20")


@pytest.mark.parametrize("name", COLUMNS)
def test_cell(process, whole, name):
    shown = [row[0] for row in rows(process, "--bytes", "-o", name)]
    expected = [cell(whole, region, name) for region in whole["regions"]]
    if name in ("START", "END"):
        assert [int(text, 16) for text in shown] == [int(text, 16) for text in expected]
    elif name == "OFFSET":
        assert [text if text == "-" else str(int(text, 16)) for text in shown] == expected
    else:
        assert shown == expected
    assert set(expected) != {"-"}


def test_number_of_fields(process, whole):
    """Each row has one field per column, whatever is in it or missing from it."""
    table = rows(process, "--output-all")
    assert len(table) == len(whole["regions"])
    assert {len(row) for row in table} == {len(heading(process, "--output-all", "--raw"))}
    assert "" not in [text for row in table for text in row]


def test_no_headings(process, whole):
    """Rows and nothing else."""
    for options in (["-n"], ["--noheadings"]):
        lines = memmap(*options, "-o", "START,KIND", process.pid).stdout.decode().split("\n")[:-1]
        assert len(lines) == len(whole["regions"])
        assert {len(line.split()) for line in lines} == {2}


def test_sizes_for_people(process):
    """Powers of 1024 with a suffix, exact with --bytes."""
    sizes = {address.split()[0]: address.split()[1] for address in process.lines}
    for perms, short, exact in (("rwxp", "3M", 3 << 20), ("r-xp", "5M", 5 << 20), ("rw-s", "7M", 7 << 20)):
        for options, expected in ([], short), (["-b"], str(exact)), (["--bytes"], str(exact)):
            row, = rows(process, *options, "-o", "SIZE", "--range", sizes[perms])
            assert row == [expected]
