# SPDX-License-Identifier: MIT
"""Processes that see other files than memmap does: memmap finds the right ELF file, or none.

If a path holds different programs inside and outside, the size of their text tells them apart: the tests compare
memmap's figure with the file's own headers.
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
    """The size of a file's executable segments, according to readelf."""
    return sum(load.end - load.start for load in elf_of(path).loads if load.flags == "R E")


def module(target, path):
    found, = (module for module in target["modules"] if module["path"] == str(path))
    return found


def assert_is(target, path, file):
    """The module at this path is the given file, and memmap has read that file."""
    assert module(target, path)["text"] == text_size(file)
    text, = (region for region in regions_of(target, path) if region["kind"] == "text")
    assert (text["basis"], text["file"]) == ("segment", "ok")


@pytest.fixture
def programs():
    """Two static programs of different sizes."""
    inside, outside = build("two_threads.c", "cc", "-static"), build("kinds.c", "cc", "-static", "-O2")
    assert text_size(inside) != text_size(outside)
    return inside, outside


def run_script(script, *args):
    """Runs a shell script in a new mount namespace; the script ends by executing the program to inspect."""
    need_whole_root()
    return Process([need("unshare"), "--mount", "sh", "-euc", script, "sh", *args])


def test_mount_namespace(tmp_path, programs):
    """If a file is mounted over the program's path inside, memmap does not use the other program outside."""
    inside, outside = programs
    path = shutil.copy(outside, tmp_path / "program")
    with run_script('mount --bind "$1" "$2"; exec "$2"', inside, path) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        assert_is(target, path, inside)
        assert target["exe"] == str(path)


@pytest.mark.parametrize("reader", ["root", "nobody"])
def test_library_in_mount_namespace(reader):
    """Without privileges, memmap goes through the process's root, and verifies the file that it finds there."""
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
    """After another file system is mounted over the library, its file of the same name and inode is not the library."""
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
    """memmap does not open the path outside blindly: opening this FIFO would wait forever."""
    inside, _ = programs
    path = tmp_path / "program"
    os.mkfifo(path)
    with run_script('mount --bind "$1" "$2"; exec "$2"', inside, path) as process:
        assert_is(target_of(process.pid), path, inside)


def test_lazily_unmounted(tmp_path, programs):
    """After a lazy unmount, the path in maps is relative to the unmounted file system; memmap still finds the file."""
    inside, _ = programs
    script = ('mount -t tmpfs none "$1"; cp "$2" "$1/program"; '
              'exec 3< "$1/program"; umount -l "$1"; exec /proc/self/fd/3')
    with run_script(script, tmp_path, inside) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        assert_is(target, "/program", inside)


def test_chroot(tmp_path, programs):
    """For a chroot, the kernel prints the full outer path, which does not exist inside; memmap still finds the file."""
    inside, _ = programs
    path = shutil.copy(inside, tmp_path / "program")
    with Process([need("chroot"), tmp_path, "/program"]) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        assert_is(target, path, inside)


def test_chroot_with_the_same_path_in_it(tmp_path, programs):
    """Another program at the same full path below the process's root is not taken for the mapped one."""
    inside, outside = programs
    path = shutil.copy(inside, tmp_path / "program")
    decoy = Path(f"{tmp_path}{tmp_path}")
    decoy.mkdir(parents=True)
    shutil.copy(outside, decoy / "program")
    with Process([need("chroot"), tmp_path, "/program"]) as process:
        assert_is(target_of(process.pid), path, inside)


def mapped(target):
    """(start, end) of each mapping that regions are parts of."""
    bounds = {}
    for region in target["regions"]:
        begin, end = ends(region)
        bounds[region["mapping"]] = (bounds.get(region["mapping"], (begin,))[0], end)
    return list(bounds.values())


def test_pid_namespace(programs):
    """The init of a PID namespace is shown by its outer PID, or as PID 1 through its own procfs."""
    need_whole_root()
    inside, _ = programs
    argv = [need("unshare"), "--mount", "--pid", "--fork", "--mount-proc", inside]
    with Process(argv) as process:
        pid, = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        target = target_of(pid)
        assert_is(target, inside, inside)
        through = target_of("--procfs", f"/proc/{pid}/root/proc", "1")
        # Memory is not read through another procfs: guards without a mapping (glibc 2.42) are not told from stacks.
        assert mapped(through) == mapped(target)
        assert through["pid"] == 1
        assert_is(through, inside, inside)
