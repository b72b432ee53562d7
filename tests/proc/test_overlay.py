# SPDX-License-Identifier: MIT
"""Files on overlayfs, as in containers.

Their device numbers differ between maps and stat(). A file that is written to becomes another one, in the upper
layer, with the same inode: the old file stays mapped, but no path leads to it any more.
"""
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from conftest import MEMMAP, Process, missing, need
from helpers.documents import assert_covers, regions_of
from helpers.kernel import mappings_of
from helpers.programs import build, public_dir
from helpers.users import need_whole_root

KINDS = ("text", "rodata", "relro", "data", "bss")


@pytest.fixture(autouse=True)
def as_root():
    need_whole_root()


class Overlay:
    """A process with a library on an overlay in its own mount namespace, read from inside or outside."""

    def __init__(self, directory, upper_parent, layer, is_inside):
        upper, work = Path(upper_parent, "upper"), Path(upper_parent, "work")
        lower, merged = directory / "lower", directory / "merged"
        for path in (lower, upper, work, merged):
            path.mkdir()
        self.library = merged / "library.so"
        home = {"lower": lower, "upper": upper}[layer]
        shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), home / "library.so")
        options = f"lowerdir={lower},upperdir={upper},workdir={work}"
        unshare = [need("unshare"), "--mount", "sh", "-euc"]
        script = 'mount -t overlay overlay -o "$1" "$2"; shift 2; exec "$@"'
        trial = subprocess.run([*unshare, script, "sh", options, merged, "true"], check=False, capture_output=True)
        if trial.returncode != 0:
            missing("overlayfs")
        self.process = Process(
            [*unshare, script, "sh", options, merged, build("load_library.c"), self.library])
        self.prefix = [need("nsenter"), "--mount", "--target", str(self.process.pid)] if is_inside else []
        self.file = Path(f"/proc/{self.process.pid}/root{self.library}")

    def target(self, *args, status=0):
        argv = [*self.prefix, MEMMAP, "--json", *args, str(self.process.pid)]
        run = subprocess.run(argv, check=False, capture_output=True)
        assert run.returncode == status, run.stderr
        target, = json.loads(run.stdout)["targets"]
        return target

    def module(self):
        """The library's file state, and the rest of its module without the path."""
        target = self.target()
        assert_covers(target, mappings_of(self.process.pid))
        module, = (module for module in target["modules"] if module.pop("path").startswith(str(self.library)))
        state = module.pop("file")
        assert {region["file"] for region in regions_of(target, self.library)} == {state}
        return state, module


@pytest.fixture(name="overlay", params=["lower", "upper"])
def fixture_overlay(request, is_inside):
    with (tempfile.TemporaryDirectory(dir=public_dir()) as directory,
          tempfile.TemporaryDirectory(dir="/dev/shm") as upper):
        overlay = Overlay(Path(directory), upper, request.param, is_inside)
        with overlay.process:
            yield overlay


@pytest.fixture(name="is_inside", params=[True, False], ids=["inside", "outside"])
def fixture_is_inside(request):
    return request.param


def other_library():
    """The same code in another layout."""
    return build("library.c", "cc", "-shared", "-fPIC", "-Wl,-z,noseparate-code")


def test_untouched(overlay):
    state, module = overlay.module()
    assert state == "ok"
    assert all(module[kind] > 0 for kind in KINDS)


def test_copied_up(overlay):
    """A copied-up library is another file with the same contents: its state stays ok."""
    before = overlay.module()
    os.utime(overlay.file, (1, 1))
    assert overlay.module() == before


@pytest.mark.parametrize("overlay", ["lower"], indirect=True)
def test_written_to(overlay):
    before = overlay.module()
    overlay.file.write_bytes(other_library().read_bytes())
    assert overlay.module() == ("replaced", before[1])
    # Symbols and sections of the new file are not used either.
    text, = (region for region in regions_of(overlay.target(), overlay.library) if region["kind"] == "text")
    place, = overlay.target("--at", hex(int(text["start"], 16) + text["size"] - 8), status=3)["at"]
    assert place["region"] == text
    assert place["symbol"] is None and place["section"] is None


@pytest.mark.parametrize("overlay", ["upper"], indirect=True)
def test_written_to_in_the_upper_layer(overlay):
    """In the upper layer, as on other file systems, writing changes the mapped file, which is still at its path."""
    overlay.file.write_bytes(other_library().read_bytes())
    target = overlay.target(status=3)
    assert [note["code"] for note in target["notes"]] == ["module-lost"]
    regions = regions_of(target, overlay.library)
    assert {region["file"] for region in regions} == {"ok"}
    assert {region["basis"] for region in regions} == {"perms"}


def test_deleted(overlay):
    before = overlay.module()
    overlay.file.unlink()
    assert overlay.module() == ("deleted", before[1])


def test_replaced(overlay):
    before = overlay.module()
    new = overlay.file.with_name("new")
    shutil.copy(other_library(), new)
    new.rename(overlay.file)
    assert overlay.module() == ("replaced", before[1])
