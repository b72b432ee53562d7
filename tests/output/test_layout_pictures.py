# SPDX-License-Identifier: MIT
"""Pictures of recorded processes, in several widths, as blocks and in ASCII.

tests/fixtures/layout/NAME.txt has the pictures of NAME. Run this file to draw them again; then look at the difference.
"""
import atexit
import functools
import json
import os
import shutil
import tempfile
import unicodedata
from pathlib import Path

import pytest

from conftest import TESTS, memmap_json
from helpers.documents import FIXTURES
from helpers.screens import on_terminal
from helpers.snapshots import need_snapshots

PICTURES = TESTS / "fixtures" / "layout"
SERVER = object()  # stands for the snapshot
RECORDED = {
    "anon-names": ["--procfs", FIXTURES / "anon-names", "4242"],
    "i386": ["--procfs", FIXTURES / "i386", "4242"],
    "special-files": ["--procfs", FIXTURES / "special-files", "4242"],
    "server": [SERVER],
    "server-density": ["-x", SERVER],
    "server-full": ["--full", SERVER],
    "server-heap-and-stacks": ["-k", "heap,stack,guard", SERVER],
}
WIDTHS = (40, 60, 80, 120, 200, 300)
LOCALES = ("C.UTF-8", "C")


def completed(part, sample):
    """A part with null for each key that documents have gained since it was recorded."""
    if isinstance(part, dict) and isinstance(sample, dict):
        return {key: completed(part[key], sample[key]) if key in part and key in sample else part.get(key)
                for key in {**part, **sample}}
    return part


@functools.cache
def server():
    """A recorded snapshot, with the keys that documents have gained since."""
    document = json.loads((PICTURES / "server.json").read_text())
    target, = document["targets"]
    sample, = memmap_json("-X", os.getpid())["targets"]
    for key in ("regions", "modules", "threads"):
        target[key] = [completed(item, sample[key][0]) for item in target[key]]
    limits = target["process"]["limits"]
    for name in sample["process"]["limits"]:
        limits.setdefault(name, {"used": None, "max": None, "unlimited": False})
    target["process"] = completed(target["process"], sample["process"])
    document["targets"] = [{**dict.fromkeys(sample), **target}]
    path = Path(tempfile.mkdtemp()) / "server.json"
    path.write_text(json.dumps(document))
    atexit.register(shutil.rmtree, path.parent)
    return str(path)


def draw(arguments, columns, locale, **environment):
    own = [server() if argument is SERVER else str(argument) for argument in arguments]
    return on_terminal("-l", *own, columns=columns, LC_ALL=locale, **environment)


def drawn(name):
    """Each picture below a line that says how it was drawn."""
    return "".join(f"== {columns} {locale}\n{draw(RECORDED[name], columns, locale, NO_COLOR='1')}"
                   for columns in WIDTHS for locale in LOCALES)


BIG = """10000000-11000000 rw-p 00000000 00:00 0
20000000-60000000 ---p 00000000 00:00 0
7f0000000000-7f0000400000 rw-p 00000000 00:00 0
"""


@pytest.mark.parametrize("locale", LOCALES)
def test_cut_bars(tmp_path, locale):
    """Reserved memory may be far larger than all that is used: its bar shows that it is cut off."""
    (tmp_path / "maps").write_text(BIG)
    lines = draw([tmp_path / "maps"], 80, locale, NO_COLOR="1").splitlines()
    bars = {line.split()[1]: line.rstrip()[-1] for line in lines if line.lstrip().startswith(("10000", "20000", "7f0"))}
    assert bars["1G"] == ">" and ">" not in (bars["16M"], bars["4M"])
    assert len(next(line for line in lines if " 20000" in line).rstrip()) == 80
    assert "One that ends with > is cut off." in " ".join(lines)


def test_no_bar_is_cut_needlessly(tmp_path):
    (tmp_path / "maps").write_text(BIG)
    text = draw(["-k", "reserved", tmp_path / "maps"], 80, "C")
    assert ">" not in text
    (tmp_path / "maps").write_text(BIG.replace("---p", "rw-p"))
    assert ">" not in draw([tmp_path / "maps"], 80, "C")


def need(name):
    if name.startswith("server"):
        need_snapshots()


def columns_of(line):
    """The columns of a terminal that a line takes."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


@pytest.mark.parametrize("name", RECORDED)
def test_picture(name):
    need(name)
    assert drawn(name) == (PICTURES / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", RECORDED)
def test_any_width_will_do(name):
    need(name)
    for columns in range(40, 301, 7):
        lines = draw(RECORDED[name], columns, "C.UTF-8", NO_COLOR="1").splitlines()
        assert max(map(columns_of, lines)) <= columns, columns


def test_colour_takes_no_room():
    plain = draw(RECORDED["anon-names"], 80, "C", NO_COLOR="1")
    coloured = draw(RECORDED["anon-names"], 80, "C")
    assert "\x1b[31m" in coloured
    heading = plain.splitlines()[1]
    assert f"\x1b[1m{heading}\x1b[0m" in coloured


def test_a_dumb_terminal_has_ascii_without_colour():
    text = draw(RECORDED["anon-names"], 80, "C.UTF-8", TERM="dumb")
    assert "\x1b" not in text and "|hhh" in text and "\u2588" not in text


if __name__ == "__main__":
    for picture in RECORDED:
        (PICTURES / f"{picture}.txt").write_text(drawn(picture), encoding="utf-8")
