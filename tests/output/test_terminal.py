# SPDX-License-Identifier: MIT
"""What is different when standard output is a terminal: width and colour."""
import os
import re

import pytest

from conftest import memmap
from helpers.programs import start
from helpers.screens import on_terminal

LEAST = 12  # columns of a name, however narrow the terminal is
COLOUR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture(scope="module")
def pid(tmp_path_factory):
    path = tmp_path_factory.mktemp("d" * 100) / ("long-name-" + "\u6f22" * 20 + "-end")
    path.write_bytes(bytes(4096))
    with start("hold_files.c", path) as process:
        yield str(process.pid)


def width(line):
    """The columns that a line takes: ideographs take two."""
    return sum(2 if char == "\u6f22" else 1 for char in COLOUR.sub("", line))


@pytest.mark.parametrize("columns", [80, 100, 133])
def test_names_are_shortened_to_the_width(pid, columns):
    lines = on_terminal(pid, columns=columns).split("\n")[1:]
    assert max(map(width, lines)) <= columns
    # The end of a path tells more than its beginning, so the end stays.
    assert [line for line in lines if COLOUR.sub("", line).endswith("-end")]


def test_wide_enough(pid):
    whole = memmap(pid, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.decode()
    assert on_terminal(pid, columns=1000, NO_COLOR="1") == whole


def test_no_truncate(pid):
    whole = memmap(pid, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.decode()
    assert on_terminal("--no-truncate", pid, NO_COLOR="1") == whole
    assert max(map(width, whole.split("\n"))) > 133


def rows(output):
    """The heading and the rows, without what goes before and after them."""
    lines = output.split("\n\n")[0].split("\n")
    return lines[next(i for i, line in enumerate(lines) if line.split()[0] == "START"):]


def test_very_narrow(pid):
    """If a terminal is too narrow for everything, the start of a region and the end of its name remain."""
    whole = rows(memmap(pid, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.decode())
    shown = rows(on_terminal(pid, columns=10, NO_COLOR="1"))
    assert shown[0].split() == ["START", "NAME"] and len(shown) == len(whole)
    at = shown[0].index("NAME")
    for short, long in zip(shown[1:-1], whole[1:-1]):
        name = short[at:]
        assert short[:at].strip() == long.split()[0]
        assert width(name) <= LEAST and (name[:1] != "\u2026" or width(name) >= LEAST - 1)
        assert long.endswith(name.lstrip("\u2026")), long
    assert any("\u2026" in short for short in shown)


VIEWS = [[], ["-x"], ["-S"], ["-S", "-x"], ["-m"], ["-m", "-x"], ["-t"], ["-s"], ["-s", "-x"],
         ["--pages", "-k", "stack,heap,file"], ["-e"], ["-X"], ["--output-all"]]


@pytest.mark.parametrize("columns", [40, 60, 80])
@pytest.mark.parametrize("view", VIEWS, ids=" ".join)
def test_views_fit(pid, view, columns):
    """In a narrow terminal, the least useful columns give way; if there are dozens of figures, each has its line."""
    shown = on_terminal(*view, pid, columns=columns).split("\n")
    too_long = [line for line in shown if width(line) > columns]
    # A longer line is one word: a name, in a record or in a sentence, which stays whole.
    words = [line for line in too_long if len(re.sub("^[A-Z_-]+ ", "", line).split()) == 1]
    # And one far address takes the room that it needs.
    far = [line for line in too_long if "ffffffffff600000" in line] if columns < 60 else []
    assert [line for line in too_long if line not in words + far] == []


@pytest.mark.parametrize(("view", "columns", "heading"), [
    ([], 80, "START END SIZE PERMS KIND NAME"),
    (["-x"], 80, "START END SIZE RSS PSS DIRTY SWAP PERMS KIND NAME"),
    ([], 40, "START SIZE KIND NAME"),
    (["-o", "START,END,SIZE,PERMS,KIND,NAME"], 40, "START END SIZE PERMS KIND NAME"),
    (["-o", "+OFFSET"], 30, "START NAME OFFSET"),
])
def test_least_useful_columns_give_way(pid, view, columns, heading):
    """Columns that were asked for never give way."""
    assert rows(on_terminal(*view, pid, columns=columns, NO_COLOR="1"))[0].split() == heading.split()


def test_sentences_are_folded(pid):
    lines = on_terminal("-e", "-k", "stack", pid, columns=60, NO_COLOR="1").split("\n")
    whole = memmap("-e", "-k", "stack", pid).stdout.decode().split("\n")
    sentence = next(line for line in whole if line.startswith("    ") and line.split()[0] != "START")
    folded = [line for line in lines if line.startswith("    ") and line.split()[0] != "START"]
    assert len(folded) > 1 and max(map(len, folded)) <= 60
    assert " ".join(line.strip() for line in folded) == sentence.strip()


def test_figures_one_a_line(pid):
    """Each figure has its own line, as with --at; a region begins after an empty line."""
    records = on_terminal("-X", pid).split("\n\n")
    labels = [re.findall("^([A-Z_]+)  ", record, re.MULTILINE) for record in records]
    assert {"START", "RSS", "PSS", "KIND", "NAME"} <= set(labels[1]) <= set(labels[0])


def test_a_far_address_costs_the_others_nothing():
    heading, *_ = rows(memmap(os.getpid()).stdout.decode())
    assert heading.index("START") + len("START") <= 12


def test_elsewhere_names_are_whole(pid):
    run = memmap(pid, env={**os.environ, "COLUMNS": "40", "LC_ALL": "C.UTF-8"})
    assert "/long-name-" + "\u6f22" * 20 + "-end" in run.stdout.decode()


@pytest.mark.parametrize("option", ["--raw", "--json"])
def test_raw_and_json_are_never_shortened(pid, option):
    assert "\u2026" not in on_terminal(option, pid, columns=40)
    assert "-end" in on_terminal(option, pid, columns=40)
    assert "/long-name-" in on_terminal(option, pid, columns=40)


def test_colour_on_a_terminal(pid):
    assert COLOUR.search(on_terminal(pid))


@pytest.mark.parametrize("args, variables, coloured", [
    ([], {"NO_COLOR": "1"}, False),
    ([], {"NO_COLOR": ""}, True),
    ([], {"TERM": "dumb"}, False),
    (["--color"], {"TERM": "dumb"}, True),
    (["--color"], {"NO_COLOR": "1"}, True),
    (["--color=always"], {"NO_COLOR": "1"}, True),
    (["--color=auto"], {"NO_COLOR": "1"}, False),
    (["--color=auto"], {}, True),
    (["--color=never"], {}, False),
])
def test_when_on_a_terminal(pid, args, variables, coloured):
    assert bool(COLOUR.search(on_terminal(*args, pid, **variables))) == coloured


@pytest.mark.parametrize("args, coloured", [
    ([], False), (["--color=auto"], False), (["--color=never"], False), (["--color"], True),
    (["--color=always"], True),
])
def test_when_elsewhere(pid, args, coloured):
    run = memmap(*args, pid, env={**os.environ, "TERM": "xterm"})
    assert bool(COLOUR.search(run.stdout.decode())) == coloured


def test_colour_is_all_that_colour_adds(pid):
    """Colours leave the text as it is, and end with their line."""
    plain, coloured = (memmap(f"--color={when}", pid).stdout.decode() for when in ("never", "always"))
    assert COLOUR.sub("", coloured) == plain
    for line in coloured.split("\n"):
        codes = COLOUR.findall(line)
        assert not codes or codes[-1] in ("\x1b[m", "\x1b[0m")


def test_kinds_are_told_apart(pid):
    """The heading stands out, and no two kinds look the same."""
    lines = memmap("--color", "-o", "KIND", pid, text=True).stdout.splitlines()
    assert "\x1b[1mKIND\x1b[0m" in lines
    rows = lines[lines.index("\x1b[1mKIND\x1b[0m") + 1:lines.index("")]
    shown = {COLOUR.sub("", row): row.split("m")[0] for row in rows if row.startswith("\x1b")}
    assert {"text", "rodata", "relro", "data", "bss", "heap", "stack"} <= set(shown)
    assert len(set(shown.values())) == len(shown)


def test_raw_and_json_have_no_colour(pid):
    for option in ("--raw", "--json"):
        assert "\x1b" not in on_terminal(option, pid)
