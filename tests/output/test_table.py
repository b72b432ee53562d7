# SPDX-License-Identifier: MIT
"""The table: a line on the process, a heading, one row per region, totals by kind."""
import os
import pwd

import pytest

from conftest import memmap
from helpers.documents import target_of
from helpers.programs import build, start


@pytest.fixture(scope="module")
def process():
    with start("kinds.c") as process:
        yield process


@pytest.fixture(scope="module")
def whole(process):
    return target_of(process.pid)


def table(process, *options):
    run = memmap(*options, process.pid)
    assert (run.returncode, run.stderr) == (0, b"")
    return run.stdout.decode().split("\n")[:-1]


def totals(lines, whole):
    """KIND, REGIONS and SIZE of the lines below the rows."""
    found = {}
    for line in lines[2 + len(whole["regions"]):]:
        words = line.split()
        if words and words[0] in whole["totals"]:
            found[words[0]] = words[1:]
    return found


def test_line_on_the_process(process):
    words = table(process)[0].replace(",", " ").split()
    assert words[:3] == [f"{process.pid}:", "kinds", f"({pwd.getpwuid(os.geteuid()).pw_name})"]
    for figure in ("mappings", "virtual", "resident", "swapped"):
        assert words[words.index(figure) - 1][0].isdigit()


def test_rows(process, whole):
    """Every region has its row, in order, with the shown name at its end."""
    lines = table(process, "--bytes")
    assert lines[1].split() == ["START", "END", "SIZE", "PERMS", "KIND", "NAME"]
    for line, region in zip(lines[2:], whole["regions"]):
        words = line.split(None, 5)
        assert [int(words[0], 16), int(words[1], 16)] == [int(region["start"], 16), int(region["end"], 16)]
        assert words[2:5] == [str(region["size"]), region["perms"], region["kind"]]
        module = None if region["module"] is None else whole["modules"][region["module"]]["path"]
        name = region["name"] or module
        assert words[5:] == ([name] if name else [])


def test_columns_are_aligned(process, whole):
    """Each column begins, or ends, in the same place in all rows; a row with a far address may stand out."""
    lines = table(process)
    at = lines[1].index("NAME")
    for line, region in zip(lines[2:], whole["regions"]):
        if region["name"] and region["name"] != "[vsyscall]":
            assert line[at:] == region["name"] and line[at - 1] == " "


def test_no_trailing_blanks(process):
    assert [line for line in table(process) if line != line.rstrip()] == []


def test_totals(process, whole):
    shown = totals(table(process, "--bytes"), whole)
    assert shown.keys() == {kind for kind, total in whole["totals"].items() if total["regions"]}
    for kind, words in shown.items():
        assert str(whole["totals"][kind]["size"]) in words
        assert str(whole["totals"][kind]["regions"]) in words


def test_totals_of_what_is_shown(process, whole):
    part = target_of("--kind", "jit,shm", process.pid)
    assert part["totals"]["jit"]["size"] == (3 << 20) + (5 << 20)
    shown = totals(table(process, "--bytes", "--kind", "jit,shm"), part)
    assert {kind: str(part["totals"][kind]["size"]) in words for kind, words in shown.items()} == {
        "jit": True, "shm": True}


def test_several_targets_are_told_apart(process):
    with start("two_threads.c") as other:
        both = memmap(process.pid, other.pid).stdout.decode()
        heads = [line.split()[0] for line in both.split("\n") if line]
        assert heads.count(f"{process.pid}:") == heads.count(f"{other.pid}:") == 1
        assert heads.count("START") == 2


def test_program_name_is_shown(process):
    assert str(build("kinds.c")) in "\n".join(table(process))
