# SPDX-License-Identifier: MIT
"""Debug information names files, and libdw would open them, whatever they are: only memmap opens files for it."""
import os
import platform
import subprocess

import pytest

from conftest import Process, missing, need
from helpers import injection
from helpers.opened import assert_plain
from helpers.programs import PROGRAMS, build, public_dir
from helpers.users import as_nobody, memmap_as_nobody, need_memory, need_root

# What gcc -gsplit-dwarf writes: version 4 with GNU's attributes, and version 5.
SPLIT = ["-gdwarf-4", "-gdwarf-5"]


def notes_of(run):
    return [line.split(": ", 2)[2] for line in run.stderr.decode().splitlines()]


@pytest.mark.parametrize("where", ["absolute", "relative"])
@pytest.mark.parametrize("what", ["fifo", "file", "nothing"])
def test_shared_debug_file(tmp_path, what, where):
    """.gnu_debugaltlink (dwz) may name any file: memmap does not open it, and says what is missing."""
    need_memory()
    if platform.machine() != "x86_64":
        missing("an x86-64 machine")
    path = tmp_path / "shared"
    if what == "fifo":
        os.mkfifo(path)
    elif what == "file":
        path.write_bytes(b"\x7fELF" + bytes(60))
    name = path if where == "absolute" else path.name
    program = tmp_path / "program"
    subprocess.run([need("gcc"), "-nostdlib", "-static", "-no-pie", f'-DTARGET="{name}"', PROGRAMS / "shared_debug.S",
                    "-o", program, "-Wl,--build-id"], check=True)
    with Process([program]) as process:
        run = assert_plain(tmp_path, process.pid, "--frames")
        assert run.returncode == 3
        assert any("the file that it shares" in note for note in notes_of(run)), run.stderr
        assert b"_start" in run.stdout


def test_shared_debug_file_that_shares_another(tmp_path):
    """A shared file in the right place is opened, but not the arbitrary file that it shares in turn."""
    need_root()
    if platform.machine() != "x86_64":
        missing("an x86-64 machine")
    root, other = tmp_path / "root", tmp_path / "other"
    shared = root / "usr/lib/debug/.dwz/shared"
    shared.parent.mkdir(parents=True)
    other.write_bytes(b"\x7fELF" + bytes(60))
    for path, target, options in ((root / "program", "/usr/lib/debug/.dwz/shared", ["-static", "-no-pie"]),
                                  (shared, other, ["-shared", "-DSHARED"])):
        subprocess.run([need("gcc"), "-nostdlib", f'-DTARGET="{target}"', PROGRAMS / "shared_twice.S", "-o", path,
                        f"-Wl,--build-id=0x{bytes(range(1, 21)).hex()}", *options], check=True)
    with Process([need("chroot"), root, "/program"]) as process:
        run = assert_plain(tmp_path, process.pid, "--frames", also=[shared])
        assert run.returncode == 3
        assert any("the file that it shares" in note for note in notes_of(run)), run.stderr
        assert b"_start" in run.stdout


@pytest.mark.parametrize("version", SPLIT)
@pytest.mark.parametrize("what", ["fifo", "file", "nothing"])
def test_split_debug_file(tmp_path, what, version):
    """-gsplit-dwarf: the program names its .dwo file, which memmap does not open."""
    need_memory()
    program = tmp_path / "program"
    subprocess.run([need("gcc"), "-O1", "-g", version, "-gsplit-dwarf", "-pthread", "-o", program, PROGRAMS / "calls.c"],
                   check=True, cwd=tmp_path)
    for dwo in tmp_path.glob("*.dwo"):
        if what != "file":
            dwo.unlink()
        if what == "fifo":
            os.mkfifo(dwo)
    with Process([program, "4"]) as process:
        run = assert_plain(tmp_path, process.pid, "--frames")
        assert run.returncode == 3
        assert any("separate files (.dwo)" in note for note in notes_of(run)), run.stderr
        assert b"calls.c:" in run.stdout


def test_ordinary_program(tmp_path):
    need_memory()
    with Process([build("calls.c", "gcc", "-O1", "-g"), "4"]) as process:
        assert assert_plain(tmp_path, process.pid, "--frames").returncode == 0


def test_debug_file_that_may_not_be_read():
    """If another user's debug file may not be read, memmap says that lines and inlined functions may be missing."""
    need_root()
    directory = public_dir()
    program, debug = directory / "program", directory / "debug"
    subprocess.run([need("gcc"), "-O1", "-g", "-pthread", "-Wl,--build-id", "-o", program, PROGRAMS / "calls.c"], check=True)
    subprocess.run([need("objcopy"), "--only-keep-debug", program, debug], check=True)
    subprocess.run([need("objcopy"), "--strip-all", f"--add-gnu-debuglink={debug}", program], check=True)
    with as_nobody(program, "4") as process:
        run = memmap_as_nobody("--frames", process.pid)
        assert run.returncode == 0 and b"calls.c:" in run.stdout, run.stderr
        debug.chmod(0o600)
        run = memmap_as_nobody("--frames", process.pid)
    assert run.returncode == 3
    assert notes_of(run) == ["debug information could not be read: Permission denied: source lines and inlined "
                             "functions may be missing"]


@pytest.mark.parametrize("number", range(1, 40, 3))
def test_debug_file_that_cannot_be_read(tmp_path, number):
    """If a read of the debug file fails, memmap reports what may be missing; each read fails in turn."""
    need_memory()
    program, debug = tmp_path / "program", tmp_path / "debug"
    subprocess.run([need("gcc"), "-O1", "-g", "-pthread", "-Wl,--build-id", "-o", program, PROGRAMS / "calls.c"], check=True)
    subprocess.run([need("objcopy"), "--only-keep-debug", program, debug], check=True)
    subprocess.run([need("objcopy"), "--strip-all", f"--add-gnu-debuglink={debug}", program], check=True)
    failing = ["-P", debug, "-e", "trace=pread64,sendfile", "-e", f"inject=pread64,sendfile:error=EIO:when={number}"]
    with Process([program, "4"]) as process:
        whole = injection.strace(["--frames", process.pid], "-o", os.devnull)
        run = injection.strace(["--frames", process.pid], "-o", os.devnull, *failing)
    assert (whole.returncode, run.returncode) in ((0, 3), (0, 0))
    assert run.returncode == 3 or run.stdout == whole.stdout
    assert run.returncode == 0 or b"could not be read: Input/output error" in run.stderr
