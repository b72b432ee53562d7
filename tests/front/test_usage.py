# SPDX-License-Identifier: MIT
"""Wrong usage is reported in two lines, with exit status 2 and nothing on standard output."""
import os
import re

import pytest

from conftest import memmap

PID = str(os.getpid())
WRONG = {
    "no target": ["-x"],
    "no PID": ["-p", "-x", PID],
    "too many sort columns": ["--sort", ",".join(["SIZE"] * 9), PID],
    "empty range as maps has it": ["-A", "1000-1000", PID],
    "range without an end": ["-A", "1000-", PID],
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


def test_nothing_given():
    run = memmap(text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr == "Usage: memmap [OPTION]... TARGET...\nTry 'memmap --help' for more information.\n"


@pytest.mark.parametrize(("args", "message"), [
    (["--knd", "heap"], "unknown option '--knd'; did you mean '--kind'?"),
    (["--summery"], "unknown option '--summery'; did you mean '--summary'?"),
    (["--no"], "option '--no' is ambiguous: --noheadings, --no-truncate"),
    (["--no=1"], "option '--no' is ambiguous: --noheadings, --no-truncate"),
    (["--xyzzy"], "unknown option '--xyzzy'"),
    (["-k", "haep"], "unknown kind 'haep'; did you mean 'heap'?"),
    (["-o", "START,RS"], "unknown column 'RS'; did you mean 'RSS'?"),
    (["-t", "--sort", "-stak-start"], "unknown column 'stak-start' of --threads; did you mean 'STACK-START'?"),
    (["-m", "-o", "xyzzy"], "unknown column 'xyzzy' of --modules; see memmap --modules --list-columns"),
    (["--color=maybe"], "unknown colour mode 'maybe': auto, always or never"),
])
def test_what_was_meant(args, message):
    assert memmap(*args, PID, text=True).stderr.split("\n")[0] == f"memmap: {message}"


def test_wrong_usage_comes_before_any_output():
    """Wrong usage, wherever it stands, is reported before the first target is shown."""
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
