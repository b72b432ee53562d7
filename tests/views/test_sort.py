# SPDX-License-Identifier: MIT
"""--sort [-]COLUMN, in tables and in JSON."""
import pytest

from conftest import IS_SANITIZED, memmap
from helpers.documents import ends, raw_rows, target_of
from helpers.programs import start


@pytest.fixture(scope="module")
def process():
    with start("kinds.c") as process:
        yield process


def values(process, column, key):
    target = target_of("--sort", column, process.pid)
    found = [key(region) for region in target["regions"]]
    assert len(set(found)) > 1
    name = column.lstrip("-")
    rows = raw_rows(memmap("--raw", "-n", "--sort", column, "-o", f"START,{name}", process.pid).stdout)
    assert [int(row[0], 16) for row in rows] == [ends(region)[0] for region in target["regions"]]
    return found, target


@pytest.mark.parametrize("column, key", [
    ("SIZE", lambda region: region["size"]),
    ("PADDING", lambda region: region["padding"]),
    ("START", lambda region: ends(region)[0]),
    ("END", lambda region: ends(region)[1]),
    ("PERMS", lambda region: region["perms"]),
], ids=["SIZE", "PADDING", "START", "END", "PERMS"])
def test_sorted(process, column, key):
    up, _ = values(process, column, key)
    down, _ = values(process, "-" + column, key)
    assert up == sorted(up)
    assert down == sorted(down, reverse=True)


def test_numbers_are_not_sorted_as_text(process):
    sizes, _ = values(process, "SIZE", lambda region: region["size"])
    assert sizes != sorted(sizes, key=str)


def test_equal_rows_stay_in_address_order(process):
    _, target = values(process, "KIND", lambda region: region["kind"])
    for kind in {region["kind"] for region in target["regions"]}:
        starts = [ends(region)[0] for region in target["regions"] if region["kind"] == kind]
        assert starts == sorted(starts)


def test_nothing_is_lost(process):
    whole = target_of(process.pid)
    for column in ("-SIZE", "NAME", "INODE", "MODULE"):
        target = target_of("--sort", column, process.pid)
        assert sorted(target["regions"], key=lambda region: ends(region)) == whole["regions"]
        assert target["totals"] == whole["totals"]


def test_sort_by_a_column_that_is_not_shown(process):
    shown = memmap("--raw", "--noheadings", "--sort", "SIZE", "-o", "START", process.pid).stdout.split()
    sized = target_of("--sort", "SIZE", process.pid)["regions"]
    assert [int(start, 16) for start in shown] == [ends(region)[0] for region in sized]


UNSORTED = [["-s"]]  # views that JSON does not sort


@pytest.mark.parametrize("view", [[], ["-S"], ["-s"], ["-m"], ["-t"], ["--pages", "-k", "stack"]], ids=" ".join)
def test_columns_of_other_views(process, view):
    """Each column of the view sorts it; a column that the view does not have is refused, in JSON too."""
    own = {line.split()[0] for line in memmap(*view, "-H", text=True).stdout.splitlines()}
    everywhere = own | {line.split()[0] for line in memmap("-H", text=True).stdout.splitlines()}
    for column in sorted(everywhere)[::5 if IS_SANITIZED else 1]:
        assert memmap(*view, "--sort", column, process.pid).returncode == (0 if column in own else 2), column
        status = memmap("-J", *view, "--sort", column, process.pid).returncode
        assert status == (0 if column in own and view not in UNSORTED else 2), column


@pytest.mark.parametrize("column", ["SIZE", "-SIZE", "KIND", "-REGIONS"])
def test_total_stays_last(process, column):
    rows = raw_rows(memmap("-s", "-r", "-b", "-o", "KIND,REGIONS,SIZE", "--sort", column, process.pid).stdout)[1:]
    *kinds, total = [[row[0], int(row[1]), int(row[2])] for row in rows]
    assert total[0] == "TOTAL" and total[1:] == [sum(row[i] for row in kinds) for i in (1, 2)]
    # KIND is in the order of the kinds, which is not alphabetical.
    keys = [[row[0] for row in rows[:-1]].index(row[0]) if column == "KIND" else
            row[{"SIZE": 2, "REGIONS": 1}[column.strip("-")]] for row in kinds]
    assert keys == sorted(keys, reverse=column.startswith("-"))


@pytest.mark.parametrize("column", ["-TID", "NAME", "SIZE", "-STACK-START"])
def test_threads_are_sorted(column):
    name = column.lstrip("-")
    with start("two_threads.c") as process:
        rows = raw_rows(memmap("-t", "-r", "-n", "-b", "-o", f"TID,{name}", "--sort", column, process.pid).stdout)
    read = {"TID": int, "SIZE": int, "NAME": str, "STACK-START": lambda cell: int(cell, 16)}[name]
    keys = [read(row[1]) for row in rows]
    assert len(rows) == 2 and keys == sorted(keys, reverse=column.startswith("-"))


def test_json_of_pages_is_sorted(process):
    target = target_of("--pages", "-k", "text,data", "--sort", "-SIZE", process.pid)
    sizes = [run["size"] for run in target["pages"]]
    assert len(set(sizes)) > 1 and sizes == sorted(sizes, reverse=True)
