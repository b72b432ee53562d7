# SPDX-License-Identifier: MIT
"""The commands that the documentation shows: each works, and prints something.

In them `$$` is the shell that runs the command, and `nginx` stands for any process: the test starts one
of that name.
"""
import os
import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import MEMMAP, Process, need
from lint.documents import README, man_examples, readme_examples


def test_examples_are_found():
    assert "memmap $$" in readme_examples() and "memmap $$" in man_examples()


@pytest.fixture(name="path")
def fixture_path(tmp_path):
    """A PATH with the memmap under test, and a process called nginx."""
    os.symlink(Path(MEMMAP).resolve(), tmp_path / "memmap")
    shutil.copy(need("sh"), tmp_path / "nginx")
    with Process([tmp_path / "nginx", "-c", "echo READY; read line; exit 0"]):
        yield f"{tmp_path}:{os.environ['PATH']}"


@pytest.mark.parametrize("command", [*readme_examples(), *man_examples()])
def test_example(command, path, tmp_path):
    bash = need("bash")
    for tool in ("awk", "jq"):
        if re.search(rf"\b{tool}\b", command):
            need(tool)
    script = tmp_path / "script"
    # As a file and with a line after it, so that the shell stays while its memory is read.
    script.write_text(f"set -o pipefail\n{command}\nexit $?\n")
    with open(tmp_path / "output", "w+b") as output, open(tmp_path / "errors", "w+b") as errors:
        with subprocess.Popen([bash, script], stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
                              start_new_session=True, env={**os.environ, "PATH": path}) as shell:
            status = shell.wait(50)
            # What the example left in the background.
            try:
                os.killpg(shell.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        output.seek(0)
        errors.seek(0)
        message = errors.read().decode()
        assert (status, message) == (0, ""), command
        assert output.read().strip() != b"", command


def test_table_of_the_readme_is_current():
    """The README's example has the headings that the program prints."""
    table = re.search(r"^ +START +END.*", README, re.MULTILINE).group().split()
    run = subprocess.run([MEMMAP, str(os.getpid())], check=True, capture_output=True, text=True)
    assert run.stdout.splitlines()[1].split() == table
