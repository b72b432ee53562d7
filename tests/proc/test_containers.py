# SPDX-License-Identifier: MIT
"""Processes that see other files than memmap does: the right ELF file is found, or none.

Where the same path holds two different programs, one outside and one inside, the size of their text tells
them apart: memmap's word for it is held against the file's own headers.
"""
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import Process, need
from helpers.documents import assert_covers, ends, regions_of, target_of
from helpers.kernel import mappings_of
from helpers.programs import build, public_dir
from helpers.readelf import elf_of
from helpers.users import memmap_as_nobody, need_root, need_whole_root, setpriv


@pytest.fixture(autouse=True)
def as_root():
    need_root()


def text_size(path):
    """The bytes of a file's executable segments, as readelf has them."""
    return sum(load.end - load.start for load in elf_of(path).loads if load.flags == "R E")


def module(target, path):
    found, = (module for module in target["modules"] if module["path"] == str(path))
    return found


def assert_is(target, path, file):
    """The target's module of this path is the given file, and is known from the file itself."""
    assert module(target, path)["text"] == text_size(file)
    text, = (region for region in regions_of(target, path) if region["kind"] == "text")
    assert (text["basis"], text["file"]) == ("segment", "ok")


@pytest.fixture
def programs():
    """Two programs of different size, both static."""
    inside, outside = build("two_threads.c", "cc", "-static"), build("kinds.c", "cc", "-static", "-O2")
    assert text_size(inside) != text_size(outside)
    return inside, outside


def run_script(script, *args):
    """A shell script, in a mount namespace of its own, that ends in the exec of the program of interest."""
    need_whole_root()
    return Process([need("unshare"), "--mount", "sh", "-euc", script, "sh", *args])


def test_mount_namespace(tmp_path, programs):
    """Inside, another file is mounted over the path; outside, the path is a program too, the wrong one."""
    inside, outside = programs
    path = shutil.copy(outside, tmp_path / "program")
    with run_script('mount --bind "$1" "$2"; exec "$2"', inside, path) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        assert_is(target, path, inside)
        assert target["exe"] == str(path)


@pytest.mark.parametrize("reader", ["root", "nobody"])
def test_library_in_mount_namespace(reader):
    """Without rights the way is through the process's root, and what is there must prove itself."""
    inside = shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), public_dir() / "inside.so")
    path = public_dir() / "library.so"
    shutil.copy(build("library.c", "cc", "-shared", "-fPIC", "-O2", "-Wl,-z,noseparate-code"), path)
    script = 'mount --bind "$1" "$2"; shift 2; exec "$@"'
    with run_script(script, inside, path, *setpriv(), build("load_library.c"), path) as process:
        if reader == "root":
            target = target_of(process.pid)
        else:
            run = memmap_as_nobody("--json", process.pid)
            assert run.returncode == 0, run.stderr
            target, = json.loads(run.stdout)["targets"]
        assert_is(target, path, inside)


def test_other_file_with_the_same_inode(tmp_path):
    """Over the library's directory another one was mounted, whose file has the same name and inode."""
    script = """
    mount -t tmpfs first "$1"; cp "$2" "$1/library.so"
    shift 2; exec "$@"
    """
    again = 'mount -t tmpfs second "$1"; cp "$2" "$1/library.so"'
    library, original = tmp_path / "library.so", build("library.c", "cc", "-shared", "-fPIC")
    with run_script(script, tmp_path, original, build("load_library.c"), library) as process:
        inode, = {module["inode"] for module in regions_of(target_of(process.pid), library)}
        assert {region["file"] for region in regions_of(target_of(process.pid), library)} == {"ok"}
        inside = [need("nsenter"), f"--target={process.pid}", "--mount"]
        subprocess.run([*inside, "sh", "-euc", again, "sh", tmp_path, original], check=True)
        assert os.stat(f"/proc/{process.pid}/root{library}").st_ino == inode
        assert {region["file"] for region in regions_of(target_of(process.pid), library)} == {"replaced"}


def test_path_that_is_only_inside(tmp_path, programs):
    inside, _ = programs
    script = 'mount -t tmpfs none "$1"; cp "$2" "$1/program"; exec "$1/program"'
    with run_script(script, tmp_path, inside) as process:
        assert not (tmp_path / "program").exists()
        assert_is(target_of(process.pid), tmp_path / "program", inside)


def test_fifo_outside(tmp_path, programs):
    """Nothing at the path outside may be opened blindly: this would wait for ever."""
    inside, _ = programs
    path = tmp_path / "program"
    os.mkfifo(path)
    with run_script('mount --bind "$1" "$2"; exec "$2"', inside, path) as process:
        assert_is(target_of(process.pid), path, inside)


def test_lazily_unmounted(tmp_path, programs):
    """The file system is gone from the tree; the path that is left is relative to what was mounted."""
    inside, _ = programs
    script = ('mount -t tmpfs none "$1"; cp "$2" "$1/program"; '
              'exec 3< "$1/program"; umount -l "$1"; exec /proc/self/fd/3')
    with run_script(script, tmp_path, inside) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        assert_is(target, "/program", inside)


def test_chroot(tmp_path, programs):
    """The kernel prints the whole outer path, which does not exist below the process's root."""
    inside, _ = programs
    path = shutil.copy(inside, tmp_path / "program")
    with Process([need("chroot"), tmp_path, "/program"]) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        assert_is(target, path, inside)


def test_chroot_with_the_same_path_in_it(tmp_path, programs):
    """Below the root lies, at the same long path, another program."""
    inside, outside = programs
    path = shutil.copy(inside, tmp_path / "program")
    decoy = Path(f"{tmp_path}{tmp_path}")
    decoy.mkdir(parents=True)
    shutil.copy(outside, decoy / "program")
    with Process([need("chroot"), tmp_path, "/program"]) as process:
        assert_is(target_of(process.pid), path, inside)


def mapped(target):
    """The mappings that regions are parts of."""
    bounds = {}
    for region in target["regions"]:
        begin, end = ends(region)
        bounds[region["mapping"]] = (bounds.get(region["mapping"], (begin,))[0], end)
    return list(bounds.values())


def test_pid_namespace(programs):
    """A PID 1 of its own, with its own proc: read by the outer number, or through that proc."""
    need_whole_root()
    inside, _ = programs
    argv = [need("unshare"), "--mount", "--pid", "--fork", "--mount-proc", inside]
    with Process(argv) as process:
        pid, = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        target = target_of(pid)
        assert_is(target, inside, inside)
        through = target_of("--procfs", f"/proc/{pid}/root/proc", "1")
        # Memory is not read through another proc: where glibc hides guards (2.42), they and stacks are not divided.
        assert mapped(through) == mapped(target)
        assert through["pid"] == 1
        assert_is(through, inside, inside)
