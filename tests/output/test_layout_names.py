# SPDX-License-Identifier: MIT
"""Pictures of processes with names, or files with names, that are wide, combine, or try to break a terminal."""
import os
import re
import unicodedata

import pytest

from conftest import memmap
from helpers.programs import start
from helpers.screens import on_terminal
from output.test_hostile_names import NAMES, UNSAFE

SHAPES = {
    "wide": "\u6f22" * 80,
    "wide library": "\u6f22" * 70 + ".so.6",
    "half width": "\uff71" * 30,
    "combining": "e\u0301" * 80,
    "many on one": "a" + "\u0301" * 60,
    "combining at the start": "\u0301\u0302x",
    "emoji": "\U0001f600" * 50,
    "right to left": "\u05e9\u05dc\u05d5\u05dd.txt",
    "long": "x" * 250,
    "long escapes": "\x01" * 200,
}
COMMANDS = {
    "escape": b"\x1b[2Jx",
    "newline": b"a\nb",
    "not UTF-8": b"\xff\xfe\x85",
    "wide": "\u6f22\u5b57\u6f22\u5b57\u6f22".encode(),
    "emoji": ("\U0001f600" * 3).encode(),
    "combining": ("e\u0301" * 5).encode(),
    "direction": "\u202etxt".encode(),
}
WIDTHS = (40, 41, 53, 60, 80, 120, 200, 300)
LOCALES = ("C.UTF-8", "C")
RAIL = {"C.UTF-8": "\u2502", "C": "|"}


def columns_of(line):
    """The columns of a terminal that a line takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def cut(line, columns):
    """The character at that column of a terminal."""
    taken = 0
    for i, char in enumerate(line):
        if taken >= columns and not unicodedata.combining(char):
            return line[i] if taken == columns else ""
        taken += columns_of(char)
    return ""


def assert_fits(text, columns, locale):
    for line in text.splitlines():
        assert columns_of(line) <= columns, line
        assert UNSAFE.search(line) is None, line
        assert locale != "C" or line.isascii(), line


@pytest.fixture(name="pid", scope="module")
def fixture_pid(tmp_path_factory):
    directory = os.fsencode(tmp_path_factory.mktemp("files"))
    names = [*NAMES.values(), *(name.encode() for name in SHAPES.values())]
    paths = [os.path.join(directory, name) for name in names]
    for path in paths:
        with open(path, "wb") as file:
            file.write(bytes(4096))
    with start("hold_files.c", *paths) as process:
        yield str(process.pid)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("options", [(), ("-x",), ("--full",), ("--full", "-x"), ("--pages", "-k", "file"), ("--heap",)],
                         ids=" ".join)
def test_names_of_files(pid, options, locale, columns):
    assert_fits(on_terminal("-l", *options, pid, columns=columns, LC_ALL=locale, NO_COLOR="1"), columns, locale)


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("locale", LOCALES)
def test_bars_begin_in_one_column(pid, locale, columns):
    """All bars begin in the same column, whatever stands before them."""
    text = on_terminal("-l", "--full", pid, columns=columns, LC_ALL=locale, NO_COLOR="1")
    bands = [line for line in text.splitlines() if re.match(r"[0-9a-f]{6,} .* file ", line)]
    assert len(bands) >= len(NAMES) + len(SHAPES)
    # The program's first part has a plain name.
    rail = next(line for line in text.splitlines() if "  text " in line).index(RAIL[locale])
    assert {cut(line, rail) for line in bands} == {RAIL[locale]}


@pytest.mark.parametrize("comm", COMMANDS.values(), ids=COMMANDS)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("options", [(), ("-x",), ("--heap",)], ids=" ".join)
def test_names_of_processes(comm, locale, options):
    with start("set_comm.c", comm) as process:
        # A word that is longer than a line stays whole.
        for columns in (40, 60, 80) if locale == "C.UTF-8" else (80, 120):
            text = on_terminal("-l", *options, str(process.pid), columns=columns, LC_ALL=locale, NO_COLOR="1")
            assert_fits(text, columns, locale)
            assert text.startswith(f"{process.pid}: ")


def test_a_folded_stack_is_one_line(pid):
    """Each line ends in a number, and its names have no blank or semicolon that a tool would take for a separator."""
    lines = memmap("--folded", "-o", "SIZE", pid).stdout.decode().splitlines()
    assert all(line.count(" ") == 1 and line.split(" ")[1].isdigit() and line.count(";") <= 2 for line in lines)
