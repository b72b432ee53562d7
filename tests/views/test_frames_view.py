# SPDX-License-Identifier: MIT
"""How frames are shown: tables for people, rows for scripts."""
import json

from conftest import memmap
from helpers.documents import ends
from helpers.frames import address, start_calls, valid_target_of
from helpers.kernel import PAGE, mappings_of, wait_for_rest, wait_for_state
from helpers.programs import start
from helpers.threads import told
from helpers.users import need_memory

COLUMNS = ["NUMBER", "START", "END", "SIZE", "PERCENT", "MARK", "PC", "FUNCTION", "SOURCE", "MODULE"]


def lines_of(*args):
    run = memmap("--frames", *args)
    assert run.returncode == 0, run.stderr
    return run.stdout.decode().splitlines()


def escaped(text):
    """Cells of --raw have no blanks."""
    return text.replace(" ", r"\x20")


def cell(value):
    return "-" if value is None else escaped(str(value))


def hexadecimal(text):
    return "-" if text is None else f"{address(text):x}"


def joined(text, mark, number):
    return "-" if text is None else escaped(text) if number is None else f"{escaped(text)}{mark}{number}"


def expected(frame, percent):
    offset = None if frame["offset"] is None else f"{frame['offset']:x}"
    mark = "inlined" if frame["inlined"] else "large" if percent is not None and percent >= 10 else "-"
    return [str(frame["number"]), hexadecimal(frame["start"]), hexadecimal(frame["end"]), cell(frame["size"]),
            cell(percent), mark, hexadecimal(frame["pc"]), joined(frame["function"], "+0x", offset),
            joined(frame["source"], ":", frame["line"]), cell(frame["module"])]


def test_raw():
    """Rows for scripts have what JSON has."""
    need_memory()
    with start_calls(6, variant=("gcc", "-O2", "-g")) as process:
        wait_for_state(process, "S")
        heading, *rows = [line.split() for line in lines_of("--raw", "--bytes", process.pid)]
        frames = valid_target_of("--frames", process.pid)["frames"]
        total = sum(frame["size"] or 0 for frame in frames)
        percents = [None if frame["size"] is None else frame["size"] * 100 // total for frame in frames]
        assert heading == COLUMNS
        assert rows == [expected(frame, percent) for frame, percent in zip(frames, percents)]
        assert {"inlined", "large", "-"} == {row[5] for row in rows}
        assert [line.split() for line in lines_of("-rnb", process.pid)] == rows


def test_table():
    """A line on the process, the frames, and the functions that they belong to, the largest first."""
    need_memory()
    with start_calls(6) as process:
        wait_for_state(process, "S")
        process_line, *lines = lines_of("--bytes", process.pid)
        blank = lines.index("")
        frames, functions = lines[:blank], lines[blank + 1:]
        assert process_line.startswith(f"{process.pid}: ")
        assert frames[0].split() == COLUMNS
        assert functions[0].split() == ["FUNCTION", "FRAMES", "SIZE", "PERCENT", "MODULE"]
        down, = (line.split() for line in functions if line.startswith("down "))
        sizes = [int(line.split()[3]) for line in frames[1:] if " down+0x" in line]
        assert down[:3] == ["down", "7", str(sum(sizes))]
        known = [int(line.split()[2]) for line in functions[1:] if line.split()[2].isdigit()]
        assert known == sorted(known, reverse=True)
        assert lines_of("--noheadings", "--bytes", process.pid) == frames[1:]


def test_hostile_names():
    """A symbol may have any bytes."""
    need_memory()
    variant = ("gcc", "-O0", r"-Din_input=in\u202einput")
    with start_calls(1, variant=variant) as process:
        text = "\n".join(lines_of(process.pid))
        assert "\u202e" not in text and r"in\xe2\x80\xaeinput+0x" in text
        assert "in\u202einput" in [frame["function"] for frame in valid_target_of("--frames", process.pid)["frames"]]


def test_frame_over_pieces():
    """A frame that holds a page in a separate mapping has its whole size, on the main stack and on a thread's."""
    with start("pieces.c", "main:lock", "1:advise:own", variant=("gcc", "-g")) as process:
        wait_for_rest(process)
        for stack in told(process):
            done = memmap("-J", f"--frames={stack.tid}", process.pid)
            name = "main" if stack.what == "main" else "run"
            frame, = (frame for frame in json.loads(done.stdout)["targets"][0]["frames"] if frame["function"] == name)
            begin, end = ends(frame)
            assert end - begin >= 3 * PAGE
            assert sum(begin < edge < end for edge, *_ in mappings_of(process.pid)) == 2
