# SPDX-License-Identifier: MIT
"""With many modules, memmap reads headers from memory if it can: the output is the same as from the files."""
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
    # Of the library with a single segment, only the sections tell code from constants: its first page does not.
    one_segment = build("library.c", "cc", "-shared", "-fPIC", "-Wl,-z,noseparate-code")
    return [shutil.copy(one_segment if i == 1 else library, public_dir() / f"many-{i}.so") for i in range(COUNT)]


def need_query():
    """Without PROCMAP_QUERY, memmap cannot verify afterwards what was mapped, and reads all headers from files."""
    if tuple(map(int, re.match(r"(\d+)\.(\d+)", os.uname().release).groups())) < (6, 11):
        missing("PROCMAP_QUERY (Linux 6.11)")


def start(how, libraries):
    return Process([build("many_libraries.c"), how, *libraries])


def assert_as_in_files(pid):
    """The table, made from headers in memory, agrees with JSON, which needs the files anyway to show their state."""
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
    """Only the file whose first page is not enough is opened."""
    with start("as-mapped", libraries) as process:
        assert_as_in_files(process.pid)
        assert opened(process.pid, tmp_path) == {"1"}


def test_headers_that_were_written_to(libraries, tmp_path):
    """If the process has written to the headers in memory, memmap reads them from the file."""
    with start("written", libraries) as process:
        target = assert_as_in_files(process.pid)
        kinds = [[region["kind"] for region in target["regions"] if region["name"] == str(path)]
                 for path in (libraries[-2], libraries[-1])]
        assert kinds[0] == kinds[1] and "text" in kinds[0] and "bss" in kinds[0]
        assert opened(process.pid, tmp_path) == {"1", str(COUNT - 1)}


def test_nothing_is_brought_back(libraries, tmp_path):
    """Looking for headers does not bring a page into the process's memory."""
    with start("dropped", libraries) as process:
        address = int(process.lines[-1], 16)
        assert is_present(process.pid, int(process.lines[0], 16)) and not is_present(process.pid, address)
        assert_as_in_files(process.pid)
        assert opened(process.pid, tmp_path) == {"1", str(COUNT - 1)}
        assert not is_present(process.pid, address)


def test_files_that_are_gone(libraries):
    """Headers of a file that is gone are still in memory: the output does not change."""
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
