# SPDX-License-Identifier: MIT
"""The commands that the documentation shows: each works, and prints what it is shown to print, or something, or
writes it to the file that it names with --output-file.

In them `$$` is the shell that runs the command, `./core` a core file, and `nginx` stands for any process: the test starts one, by a
name that no other process has.
"""
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import LIMIT, MEMMAP, Process, need
from helpers import vocabulary
from helpers.make_core import write_plain
from helpers.programs import build, unique
from helpers.users import need_memory
from lint.documents import man_examples, readme_examples, readme_samples


def test_examples_are_found():
    assert "memmap $$" in readme_examples() and "memmap $$" in man_examples()


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    """A PATH with the memmap under test, a process called nginx that has memory of every sort, and a core file."""
    os.symlink(Path(MEMMAP).resolve(), tmp_path / "memmap")
    shutil.copy(build("kinds.c"), tmp_path / unique("nginx"))
    write_plain(tmp_path / "core")
    with Process([tmp_path / unique("nginx")]):
        yield f"{tmp_path}:{os.environ['PATH']}"


def examples():
    """Those that this build can run."""
    commands = dict.fromkeys([*readme_examples(), *man_examples()])
    return [command for command in commands if "--frames" not in command or vocabulary.has_frames()]


def need_what_it_takes(command):
    for tool in ("awk", "jq"):
        if re.search(rf"\b{tool}\b", command):
            need(tool)
    if "--frames" in command:
        need_memory()


def written(command, folder, printed):
    """What the command has shown: printed, or with --output-file in that file and nowhere else."""
    named = re.search(r"--output-file[ =](\S+)", command)
    if not named:
        return printed
    assert printed == "", command
    return (folder / named.group(1)).read_text()


def capitals(output):
    """Headings, and what else in capitals lines begin with: columns and rows that have a name."""
    rows = (re.match(r"\s*((?:[A-Z][A-Z-]*(?:\s+|$))+)", line) for line in output.splitlines())
    return {tuple(row.group(1).split()) for row in rows if row}


@pytest.mark.parametrize("command", examples())
def test_example(command, path, tmp_path):
    bash = need("bash")
    need_what_it_takes(command)
    script = tmp_path / "script"
    # As a file and with a line after it, so that the shell stays while its memory is read.
    own = re.sub(r"\bnginx\b", unique("nginx"), command)
    script.write_text(f"set -o pipefail\n{own}\nexit $?\n")
    with open(tmp_path / "output", "w+b") as output, open(tmp_path / "errors", "w+b") as errors:
        with subprocess.Popen([bash, script], stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                              start_new_session=True, cwd=tmp_path, env={**os.environ, "PATH": path}) as shell:
            status = shell.wait(LIMIT)
            # What the example left in the background.
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        output.seek(0)
        errors.seek(0)
        message = errors.read().decode()
        assert (status, message) == (0, ""), command
        shown = written(command, tmp_path, output.read().decode())
    assert shown.strip() != "", command
    # Where the README has output of it, that is what the program prints today.
    assert capitals(readme_samples().get(command, "")) <= capitals(shown), command


def test_samples_are_found():
    headings = [capitals(sample) for sample in readme_samples().values()]
    assert any(("START", "END", "SIZE", "PERMS", "KIND", "NAME") in found for found in headings)
