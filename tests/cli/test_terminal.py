# SPDX-License-Identifier: MIT
"""What is different when standard output is a terminal: width and colour."""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest

from conftest import MEMMAP, memmap
from helpers import start

LEAST = 12  # columns of a name, in however narrow a terminal
COLOUR = re.compile("\x1b\\[[0-9;]*m")


@pytest.fixture(scope="module")
def pid(tmp_path_factory):
    path = tmp_path_factory.mktemp("d" * 100) / ("long-name-" + "\u6f22" * 20 + "-end")
    path.write_bytes(bytes(4096))
    with start("hold_files.c", path) as process:
        yield str(process.pid)


def on_terminal(*args, columns=80, **variables):
    """What memmap writes to a terminal that is so many columns wide."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    environment = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS")}
    environment |= {"TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}
    child = subprocess.Popen([MEMMAP, *args], stdin=subprocess.DEVNULL, stdout=follower, env=environment)
    os.close(follower)
    output = b""
    try:
        while data := os.read(leader, 65536):
            output += data
    except OSError:  # how Linux says that the other side is closed
        pass
    os.close(leader)
    assert child.wait() == 0
    return output.decode().replace("\r\n", "\n")


def width(line):
    """The columns that a line takes: ideographs take two."""
    return sum(2 if char == "\u6f22" else 1 for char in COLOUR.sub("", line))


@pytest.mark.parametrize("columns", [80, 100, 133])
def test_names_are_shortened_to_the_width(pid, columns):
    lines = on_terminal(pid, columns=columns).split("\n")[1:]
    assert max(map(width, lines)) <= columns
    # The end of a path tells more than its beginning, so that is what stays.
    assert [line for line in lines if COLOUR.sub("", line).endswith("-end")]


def test_wide_enough(pid):
    whole = memmap(pid, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.decode()
    assert on_terminal(pid, columns=1000, NO_COLOR="1") == whole


def test_no_truncate(pid):
    whole = memmap(pid, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.decode()
    assert on_terminal("--no-truncate", pid, NO_COLOR="1") == whole
    assert max(map(width, whole.split("\n"))) > 133


def test_very_narrow(pid):
    """Too narrow for the other columns: they stay whole, and so does the end of each name."""
    whole = memmap(pid, env={**os.environ, "LC_ALL": "C.UTF-8"}).stdout.decode().split("\n\n")[0].split("\n")
    shown = on_terminal(pid, columns=10, NO_COLOR="1").split("\n\n")[0].split("\n")
    at = whole[1].index("NAME")
    assert shown[0] == whole[0]
    assert [line[:at] for line in shown[1:]] == [line[:at] for line in whole[1:]]
    for short, long in zip(shown[1:], whole[1:]):
        assert short == long or width(short[at:]) in (LEAST - 1, LEAST) and short[at] == "\u2026" \
            and long.endswith(short[at + 1:]), long
    assert sum(short != long for short, long in zip(shown, whole)) > 5


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
    """Same text, and whatever is switched on is switched off by the end of its line."""
    plain, coloured = (memmap(f"--color={when}", pid).stdout.decode() for when in ("never", "always"))
    assert COLOUR.sub("", coloured) == plain
    for line in coloured.split("\n"):
        codes = COLOUR.findall(line)
        assert not codes or codes[-1] in ("\x1b[m", "\x1b[0m")


def test_raw_and_json_have_no_colour(pid):
    for option in ("--raw", "--json"):
        assert "\x1b" not in on_terminal(option, pid)
