# SPDX-License-Identifier: MIT
"""If an ELF file cannot be read, less is known about its regions, but all of them are shown."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import Process, missing
from helpers.documents import assert_covers, assert_totals, regions_of, target_of
from helpers.kernel import mappings_of
from helpers.programs import build, public_dir
from helpers.users import as_nobody, memmap_as_nobody, need_root, setpriv


@pytest.fixture(scope="module", autouse=True)
def as_root():
    need_root()


@pytest.fixture(scope="module")
def library():
    return shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), public_dir() / "libgone.so")


@pytest.fixture(scope="module")
def process(library):
    """A process of the user nobody, with a deleted library whose headers are not in memory, either."""
    with as_nobody(build("unmap_header.c"), library) as process:
        os.unlink(library)
        yield process


def assert_lowered(target, pid, library):
    assert_covers(target, mappings_of(pid))
    assert_totals(target)
    regions = regions_of(target, library)
    assert len(regions) == len([name for *_, name in mappings_of(pid) if os.fsencode(library) in name])
    assert {region["basis"] for region in regions} == {"perms"}
    assert {region["kind"] for region in regions} >= {"text", "data"}
    assert {region["file"] for region in regions} <= {"deleted", "unreadable"}
    assert [note["code"] for note in target["notes"]] == ["elf-unreadable"]


def test_json(process, library):
    run = memmap_as_nobody("--json", process.pid)
    assert run.returncode == 3, run.stderr
    target, = json.loads(run.stdout)["targets"]
    assert_lowered(target, process.pid, str(library))
    # The other modules are not affected.
    program = regions_of(target, build("unmap_header.c"))
    assert {region["basis"] for region in program} == {"segment"}


def test_table(process, library):
    run = memmap_as_nobody(process.pid)
    assert run.returncode == 3
    assert f"{library} (deleted)" in run.stdout.decode()
    assert run.stderr.decode().startswith(f"memmap: {process.pid}: ") and run.stderr.count(b"\n") == 1


def test_map_but_no_file():
    """Linux 6.13 lets CAP_PERFMON read the map of another user's process, but neither its memory nor its links."""
    library = shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), public_dir() / "libhidden.so")
    with Process([build("load_library.c"), library]) as process:
        maps = f"/proc/{process.pid}/maps"
        os.unlink(library)
        trial = subprocess.run([*setpriv("perfmon"), "cat", maps], check=False, capture_output=True)
        if trial.returncode != 0:
            missing("a kernel where CAP_PERFMON reads maps")
        run = memmap_as_nobody("--json", process.pid, capabilities=["perfmon"])
        assert run.returncode == 3, run.stderr
        target, = json.loads(run.stdout)["targets"]
        assert_lowered(target, process.pid, str(library))
        # With full rights nothing is missing.
        regions = regions_of(target_of(process.pid), library)
        assert {region["basis"] for region in regions} == {"segment"}
