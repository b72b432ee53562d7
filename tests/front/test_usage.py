# SPDX-License-Identifier: MIT
"""Wrong usage is told in two lines, with exit status 2 and nothing on standard output."""
import os
import re

import pytest

from conftest import memmap

PID = str(os.getpid())
WRONG = {
    "no target": [],
    "unknown option": ["--no-such-option", PID],
    "unknown letter": ["-%", PID],
    "missing argument": ["--output"],
    "argument not taken": ["--json=yes", PID],
    "unknown column": ["-o", "START,NOSUCH", PID],
    "empty column": ["-o", "START,,END", PID],
    "no column": ["-o", "", PID],
    "unknown kind": ["--kind", "text,nosuch", PID],
    "empty kind": ["--kind", "", PID],
    "unknown sort column": ["--sort", "NOSUCH", PID],
    "no sort column": ["--sort", "", PID],
    "sort in two directions": ["--sort", "--SIZE", PID],
    "range": ["--range", "nosuch", PID],
    "empty range": ["--range", "", PID],
    "reversed range": ["--range", "2000,1000", PID],
    "range too high": ["--range", "10000000000000000", PID],
    "negative range": ["--range", "-1", PID],
    "three ends": ["--range", "1,2,3", PID],
    "perms letter": ["--perms", "rq", PID],
    "no perms": ["--perms", "", PID],
    "perms too long": ["--perms", "rwxps", PID],
    "perms out of place": ["--perms", "xwr-", PID],
    "color": ["--color=sometimes", PID],
    "abbreviation of two options": ["--no", PID],
}


@pytest.mark.parametrize("args", WRONG.values(), ids=WRONG.keys())
def test_wrong(args):
    run = memmap(*args)
    assert run.returncode == 2
    assert run.stdout == b""
    assert re.fullmatch(rb"memmap: [^\n]+\nTry 'memmap --help' for more information\.\n", run.stderr)


def test_wrong_usage_comes_before_any_output():
    """Whatever stands wrong, it is found before the first target is shown."""
    run = memmap(PID, "--kind", "nosuch")
    assert (run.returncode, run.stdout) == (2, b"")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help(option):
    run = memmap(option)
    assert (run.returncode, run.stderr) == (0, b"")
    lines = run.stdout.decode().split("\n")
    assert re.match("usage: memmap ", lines[0], re.IGNORECASE)
    assert max(map(len, lines)) <= 80
    for name in ("--json", "--output", "--output-all", "--list-columns", "--noheadings", "--bytes", "--raw",
                 "--kind", "--range", "--perms", "--name", "--sort", "--color", "--no-truncate", "--procfs",
                 "--user", "--version"):
        assert re.search(name + r"\b", run.stdout.decode())


@pytest.mark.parametrize("option", ["-V", "--version"])
def test_version(option):
    run = memmap(option)
    assert (run.returncode, run.stderr) == (0, b"")
    assert re.fullmatch(rb"memmap \d+\.\d+\.\d+[^\n]*\n", run.stdout)


def test_options_may_follow_targets():
    assert memmap(PID, "--json").stdout.startswith(b"{")


def test_double_dash_ends_options():
    run = memmap("--", "--json")
    assert run.returncode == 1
    assert run.stderr.startswith(b"memmap: --json: ")
