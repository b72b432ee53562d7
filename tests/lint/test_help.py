# SPDX-License-Identifier: MIT
"""--help and similar options print to standard output, in lines that fit, and agree with each other."""
import pytest

from conftest import memmap
from helpers import vocabulary
from helpers.screens import on_terminal

LONG_AND_SHORT = [("--help", "-h"), ("--version", "-V"), ("--list-columns", "-H")]


@pytest.mark.parametrize(("name", "letter"), LONG_AND_SHORT)
def test_output(name, letter):
    long, short = memmap(name), memmap(letter)
    assert long.returncode == 0 and long.stderr == b""
    assert long.stdout == short.stdout != b""
    assert all(0 < len(line) <= 100 for line in long.stdout.decode().splitlines() if line)


def test_version():
    assert vocabulary.output("--version").split()[0] == "memmap"


def test_columns_of_help_are_those_listed():
    """--help=columns has the columns of the map first, and then those of each view, below its name."""
    parts = dict(part.split(":\n") for part in vocabulary.output("--help=columns").strip("\n").split("\n\n"))
    assert parts.pop("The map, and --sections") == vocabulary.output("--list-columns").strip("\n")
    views = {view.split("=")[0]: view for view in vocabulary.views() if vocabulary.has_frames() or view != "--frames"}
    views.update((view, view) for view in vocabulary.joined_views())
    assert set(parts) | {"--sections"} >= set(views)
    for name, view in views.items():
        if name != "--sections":
            assert parts[name] == vocabulary.output(*view.split(), "--list-columns").strip("\n")


def test_help_fits_a_screen():
    lines = vocabulary.output("--help").splitlines()
    assert 24 <= len(lines) <= 50 and max(map(len, lines)) <= 80


@pytest.mark.parametrize("columns", [60, 80, 150])
@pytest.mark.parametrize("options", [["--help=columns"], ["--help=kinds"], ["--help=checks"], ["-H"], ["--leaks", "-H"]],
                         ids=" ".join)
def test_lists_fit_a_terminal(options, columns):
    """On a terminal a long entry continues below its own text; elsewhere it is one line, as completions read it."""
    lines = on_terminal(*options, columns=columns).splitlines()
    assert max(map(len, lines)) <= columns
    indent = " " * (30 if "--help=checks" in options else 16)
    joined = "\n".join(lines).replace("\n" + indent, " ")
    assert joined + "\n" == vocabulary.output(*options)


def test_vocabulary_is_found():
    assert {"-o", "--output", "--output-all", "--color", "-V"} <= vocabulary.options()
    assert {"START", "NAME"} <= set(vocabulary.columns())
    assert {"text", "reserved"} <= set(vocabulary.kinds())
