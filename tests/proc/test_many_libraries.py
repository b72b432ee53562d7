# SPDX-License-Identifier: MIT
"""Many modules have their headers read from memory, where that is right: what is shown is the same."""
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import MEMMAP, Process, memmap, missing, need
from helpers.documents import raw_rows, target_of
from helpers.kernel import is_present
from helpers.programs import build, public_dir
from helpers.users import UNDER_STRACE

COUNT = 70  # more than are read at once


@pytest.fixture(name="libraries", scope="module")
def fixture_libraries():
    library = build("library.c", "cc", "-shared", "-fPIC")
    # One whose sections tell code from constants, which its first page does not say.
    one_segment = build("library.c", "cc", "-shared", "-fPIC", "-Wl,-z,noseparate-code")
    return [shutil.copy(one_segment if i == 1 else library, public_dir() / f"many-{i}.so") for i in range(COUNT)]


def need_query():
    """The kernel can say afterwards what is mapped: else all headers are read from files."""
    if tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) < (6, 11):
        missing("PROCMAP_QUERY (Linux 6.11)")


def start(how, libraries):
    return Process([build("many_libraries.c"), how, *libraries])


def assert_as_in_files(pid):
    """The table is made from memory, JSON from the files, since it says what has become of them."""
    target = target_of(pid)
    expected = [[region[key] for key in ("start", "kind", "basis")] + [str(region["padding"])]
                for region in target["regions"]]
    run = memmap("-rnb", "-o", "START,KIND,BASIS,PADDING", pid)
    assert (run.returncode, run.stderr) == (0, b"")
    assert [[f"0x{row[0]}", *row[1:]] for row in raw_rows(run.stdout)] == expected
    return target


def opened(pid, directory):
    need_query()
    log = directory / "strace"
    run = subprocess.run([need("strace"), "-f", "-qq", "-e", "trace=openat,openat2", "-e", "signal=none", "-o", log,
                          MEMMAP, str(pid)], check=False, capture_output=True, env=UNDER_STRACE)
    if b"ptrace" in run.stderr:
        missing("the right to trace a program with strace")
    assert (run.returncode, run.stderr) == (0, b"")
    return set(re.findall(r"many-(\d+)\.so", log.read_text()))


def test_from_memory(libraries, tmp_path):
    """The one file that has more to tell than its first page is opened, and no other."""
    with start("as-mapped", libraries) as process:
        assert_as_in_files(process.pid)
        assert opened(process.pid, tmp_path) == {"1"}


def test_headers_that_were_written_to(libraries, tmp_path):
    """What the process has made of its copy is not what the file says."""
    with start("written", libraries) as process:
        target = assert_as_in_files(process.pid)
        kinds = [[region["kind"] for region in target["regions"] if region["name"] == str(path)]
                 for path in (libraries[-2], libraries[-1])]
        assert kinds[0] == kinds[1] and "text" in kinds[0] and "bss" in kinds[0]
        assert opened(process.pid, tmp_path) == {"1", str(COUNT - 1)}


def test_nothing_is_brought_back(libraries, tmp_path):
    """A page that the process does not have in memory is not given to it by looking."""
    with start("dropped", libraries) as process:
        address = int(process.lines[-1], 16)
        assert is_present(process.pid, int(process.lines[0], 16)) and not is_present(process.pid, address)
        assert_as_in_files(process.pid)
        assert opened(process.pid, tmp_path) == {"1", str(COUNT - 1)}
        assert not is_present(process.pid, address)


def test_files_that_are_gone(libraries):
    """Their headers are in memory all the same."""
    with start("as-mapped", libraries) as process:
        before = memmap("-rn", "-o", "START,KIND,BASIS", process.pid)
        path = Path(libraries[5])
        away = path.rename(path.with_suffix(".away"))
        try:
            path.write_bytes(b"another file")
            after = memmap("-rn", "-o", "START,KIND,BASIS", process.pid)
        finally:
            away.rename(path)
        assert (after.returncode, after.stderr, after.stdout) == (0, b"", before.stdout)
