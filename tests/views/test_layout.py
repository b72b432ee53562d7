# SPDX-License-Identifier: MIT
"""--layout: a picture of the address space, a table of what is in it for scripts, and the map's document as JSON."""
import os
import subprocess
import unicodedata

import pytest

from conftest import MEMMAP, memmap, memmap_json
from helpers.documents import raw_rows, target_of
from helpers.make_core import STACK, write_small
from helpers.programs import python, start
from helpers.screens import Screen, on_terminal
from helpers.snapshots import need_snapshots, save

COLUMNS = "START,END,SIZE,SETASIDE,HIDDEN,LEVEL,REGIONS,WHAT"


@pytest.fixture(name="pid", scope="module")
def fixture_pid():
    with start("kinds.c") as process:
        yield str(process.pid)


def picture(*args, **environment):
    return on_terminal("-l", *args, NO_COLOR="1", **environment)


def bands(*args):
    run = memmap("-l", "-r", "-n", "-b", "-o", COLUMNS, *args)
    assert run.returncode == 0, run.stderr
    rows = [dict(zip(COLUMNS.split(","), row)) for row in raw_rows(run.stdout)]
    return [row for row in rows if row["LEVEL"] == "band"]


def columns_of(line):
    """The columns of a terminal that a line takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_landmarks_stand_in_the_order_of_addresses(pid):
    text = picture(pid)
    places = [text.index(word) for word in ("lowest addresses", " program ", "  text", "  data", "  bss", " heap ",
                                            "grows to higher", "mmap area", "libc.so.6", "grows to lower",
                                            " stack ", "highest addresses")]
    assert places == sorted(places), text


def test_addresses_ascend(pid):
    starts = [int(row["START"], 16) for row in bands(pid)]
    assert starts == sorted(starts)


@pytest.mark.parametrize("options", [(), ("-l", "--full"), ("-k", "heap,stack"), ("--name", "libc.so*")], ids=str)
def test_bands_and_gaps_touch_and_come_to_the_map(pid, options):
    rows = bands(*options, pid)
    assert all(row["END"] == following["START"] for row, following in zip(rows, rows[1:]))
    size = sum(int(row["SIZE"]) + int(row["SETASIDE"]) for row in rows if row["REGIONS"] != "0")
    assert size == sum(region["size"] for region in target_of(*options, pid)["regions"])


@pytest.mark.parametrize("columns", [40, 41, 60, 80, 120, 200, 300])
@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
@pytest.mark.parametrize("options", [(), ("-x",), ("--full",)], ids=str)
def test_lines_fit(pid, columns, locale, options):
    lines = picture(*options, pid, columns=columns, LC_ALL=locale).splitlines()
    assert max(map(columns_of, lines)) <= columns
    assert locale != "C" or all(line.isascii() for line in lines)


def test_json_is_the_maps_document(pid):
    def without_times(document):
        target, = document["targets"]
        return {key: value for key, value in target.items() if key != "taken_at"}
    assert without_times(memmap_json("-l", pid)) == without_times(memmap_json(pid))


def test_a_snapshot_has_the_same_picture(pid, tmp_path):
    need_snapshots()
    path = tmp_path / "snapshot"
    save(path, "-JXS", pid)
    assert memmap("-l", path).stdout == memmap("-l", pid).stdout


@pytest.mark.parametrize("machine", ["x86-64", "i386", "AArch64", "PowerPC"])
def test_a_core_file_has_a_picture(tmp_path, machine):
    """A core does not say what was resident: its picture has no figures. It has the stack pointer, but for PowerPC."""
    write_small(tmp_path / "core", machine)
    run = memmap("-l", tmp_path / "core", text=True, env={**os.environ, "LC_ALL": "C"})
    assert run.returncode == 3 and "headers of 1 mapped file" in run.stderr
    places = [run.stdout.index(word) for word in ("lowest addresses", " program small", "  text ", " free ", " data ",
                                                  " anon ", "grows to lower addresses, 1.7G left", " stack ",
                                                  "highest addresses")]
    assert places == sorted(places), run.stdout
    assert ("12K used" in run.stdout) == (machine != "PowerPC")
    run = memmap("-l", "-x", tmp_path / "core", text=True, env={**os.environ, "LC_ALL": "C"})
    assert run.returncode == 3 and "no figures" in run.stderr
    line, = (line for line in run.stdout.splitlines() if line.lstrip().startswith(f"{STACK:x} "))
    assert line.split()[1:4] == ["16K", "-", "stack"]


def test_elsewhere_than_in_a_terminal_it_is_80_columns_wide(pid):
    lines = memmap("-l", pid, env={"LC_ALL": "C.UTF-8"}).stdout.decode().splitlines()
    assert max(map(columns_of, lines)) <= 80
    assert "\x1b" not in "".join(lines)


def test_narrowed_gaps_say_what_is_not_shown(pid):
    row = next(row for row in bands("-k", "heap,stack", pid) if row["WHAT"] == "free")
    assert int(row["HIDDEN"]) > 0


def test_full_goes_with_layout():
    run = memmap("--full", "1", text=True)
    assert run.returncode == 2 and "--full needs --layout" in run.stderr


def test_watch(pid):
    text = on_terminal("-l", "-w", "--count=1", pid, NO_COLOR="1")
    assert "lowest addresses" in text


def test_watch_fits_with_its_marks(pid):
    """The marks take room, but no line is cut off at the right."""
    with Screen("-l", "-w", "--count=1", pid, columns=40, rows=60, LC_ALL="C.UTF-8") as screen:
        screen.end()
        words = " ".join(" ".join(screen.frames()[-1]).split())
    assert "mmap area: libraries and files" in words


@pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
def test_pages_are_a_grid(pid, locale):
    """Each page is a cell; all of them are there, line by line."""
    text = picture("--pages", "-k", "stack", pid, LC_ALL=locale)
    size = next(region["size"] for region in target_of("-k", "stack", pid)["regions"])
    cells = [line.split(" ")[1] for line in text.splitlines()[2:-1] if " " in line and "cell" not in line]
    assert "4K a cell: [stack]" in text
    assert sum(map(len, cells)) >= size // 4096
    assert ("O in memory" if locale == "C" else "\u2588 in memory") in text


@pytest.mark.parametrize("size, cell", [(1 << 38, "4K"), (1 << 46, "512K")], ids=["drawn", "folded"])
def test_full_grid_of_a_reservation(size, cell):
    """--full draws each page even of very large regions, but a reservation of terabytes would not end."""
    with python(f"keep = mmap.mmap(-1, {size}, flags=mmap.MAP_PRIVATE | 0x4020, prot=0)") as process:
        with subprocess.Popen([MEMMAP, "--pages", "-l", "--full", "-k", "reserved", str(process.pid)],
                              stdout=subprocess.PIPE) as run:
            try:
                heading = next(line for line in run.stdout if line.startswith(f"reserved, {size >> 40 or size >> 30}".encode()))
            finally:
                run.kill()
    assert heading.endswith(f", {cell} a cell\n".encode())


@pytest.mark.parametrize("view", [("--heap",), ("--pages", "-k", "heap,stack")], ids=str)
@pytest.mark.parametrize("columns", [40, 80, 200])
def test_other_pictures_fit(pid, view, columns):
    text = picture(*view, pid, columns=columns)
    lines = text.splitlines()
    assert max(map(columns_of, lines)) <= columns


def test_arenas_are_bars(pid):
    text = picture("--heap", pid, LC_ALL="C")
    assert "|U" in text and "U used" in text


def test_pictures_are_tables_for_scripts(pid):
    assert memmap("-l", "--heap", "-r", pid).stdout == memmap("--heap", "-r", pid).stdout
