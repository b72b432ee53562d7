# SPDX-License-Identifier: MIT
"""Each command in the documentation works: it prints the output that is shown, or at least something, or writes
it to the file that --output-file names.

`$$` is the shell that runs the command, `./core` a core file, and `nginx` stands for any process: the test starts
one with a unique name.
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
    """A PATH with the memmap under test, a process for nginx that has memory of every kind, and a core file."""
    os.symlink(Path(MEMMAP).resolve(), tmp_path / "memmap")
    shutil.copy(build("kinds.c"), tmp_path / unique("nginx"))
    write_plain(tmp_path / "core")
    with Process([tmp_path / unique("nginx")]):
        yield f"{tmp_path}:{os.environ['PATH']}"


def examples():
    """The commands that this build can run."""
    commands = dict.fromkeys([*readme_examples(), *man_examples()])
    return [command for command in commands if "--frames" not in command or vocabulary.has_frames()]


def need_what_it_takes(command):
    for tool in ("awk", "jq"):
        if re.search(rf"\b{tool}\b", command):
            need(tool)
    if "--frames" in command:
        need_memory()


def written(command, folder, printed):
    """The output of the command: what it printed, or with --output-file what is in that file and nowhere else."""
    named = re.search(r"--output-file[ =](\S+)", command)
    if not named:
        return printed
    assert printed == "", command
    return (folder / named.group(1)).read_text()


def capitals(output):
    """The words in capitals that lines begin with: headings of columns, and names of rows."""
    rows = (re.match(r"\s*((?:[A-Z][A-Z-]*(?:\s+|$))+)", line) for line in output.splitlines())
    return {tuple(row.group(1).split()) for row in rows if row}


@pytest.mark.parametrize("command", examples())
def test_example(command, path, tmp_path):
    bash = need("bash")
    need_what_it_takes(command)
    script = tmp_path / "script"
    # In a file, and not as its last line, so that the shell still runs while its memory is read.
    own = re.sub(r"\bnginx\b", unique("nginx"), command)
    script.write_text(f"set -o pipefail\n{own}\nexit $?\n")
    with open(tmp_path / "output", "w+b") as output, open(tmp_path / "errors", "w+b") as errors:
        with subprocess.Popen([bash, script], stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                              start_new_session=True, cwd=tmp_path, env={**os.environ, "PATH": path}) as shell:
            status = shell.wait(LIMIT)
            # The example may have left processes in the background.
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
    # If the README shows its output, the program still prints that.
    assert capitals(readme_samples().get(command, "")) <= capitals(shown), command


def test_samples_are_found():
    headings = [capitals(sample) for sample in readme_samples().values()]
    assert any(("START", "END", "SIZE", "PERMS", "KIND", "NAME") in found for found in headings)
