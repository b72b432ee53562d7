# SPDX-License-Identifier: MIT
"""The files that code comes from: deleted, replaced, without a path, open to others."""
import os
import shutil
import subprocess
import sys

import pytest

from conftest import Process, missing, need, refused
from helpers.findings import codes, findings, found
from helpers.programs import build, public_dir, start
from helpers.users import sees_nameless_files

HARD = ("-fPIE", "-pie", "-Wl,-z,relro,-z,now")


@pytest.fixture(name="program")
def fixture_program(tmp_path_factory):
    """A copy of a faultless program, in its own directory, older than any process that runs it."""
    directory = public_dir() / tmp_path_factory.mktemp("copy").name
    directory.mkdir()
    copy = directory / "program"
    shutil.copy(build("faults.c", "gcc", *HARD), copy)
    os.utime(copy, (0, 10 ** 9))
    yield copy
    shutil.rmtree(directory)


def test_in_its_place(program):
    with Process([program]) as process:
        assert findings(process.pid, status=0) == []


def test_deleted(program):
    with Process([program]) as process:
        program.unlink()
        finding = found("deleted-code", process.pid)
        assert codes(process.pid) == {"deleted-code"} and finding["severity"] == "warning"


def test_replaced(program):
    with Process([program]) as process:
        copy = program.with_name("new")
        shutil.copy(program, copy)
        copy.rename(program)
        assert codes(process.pid) == {"outdated-code"}


def test_world_writable(program):
    program.chmod(0o777)
    with Process([program]) as process:
        assert codes(process.pid) == {"writable-file"}
        assert "0777" in found("writable-file", process.pid)["text"]
    assert codes(program) == {"writable-file"}


@pytest.mark.parametrize(("mode", "expected"), [(0o777, {"writable-file"}), (0o1777, set())])
def test_directory(program, mode, expected):
    program.parent.chmod(mode)
    with Process([program]) as process:
        assert codes(process.pid) == expected


def test_file_of_another_user(program):
    if os.geteuid() != 0:
        refused("root, to give files away")
    os.chown(program, 12345, 12345)
    with Process([program]) as process:
        assert codes(process.pid) == {"foreign-file"}
    with Process([program], user=12345) as process:
        assert codes(process.pid) == set()


def test_program_of_root(program):
    if os.geteuid() != 0:
        refused("root, to be another user")
    with Process([program], user=65534) as process:
        assert codes(process.pid) == set()


def enter(directory, *steps):
    """A program whose root directory belongs to user 12345."""
    code = ["import ctypes, os, sys", *steps, "os.execv('/program', ['/program'])"]
    return Process([sys.executable, "-c", "\n".join(code), directory])


@pytest.fixture(name="root_directory")
def fixture_root_directory(program):
    if os.geteuid() != 0:
        refused("root, to give files away and to change the root directory")
    shutil.copy(build("faults.c", "gcc", "-static-pie", "-Wl,-z,relro,-z,now"), program)
    os.chown(program, 12345, 12345)
    os.chown(program.parent, 12345, 12345)
    return program.parent


def test_root_directory_of_another_user(root_directory):
    """Root is the user with number 0, not the owner of a chroot's directory."""
    with enter(root_directory, "os.chroot(sys.argv[1])") as process:
        assert codes(process.pid) == {"foreign-file"}


def test_container_with_users_of_its_own(root_directory):
    """The container's root is user 12345 outside, and the program runs as another of the container's users."""
    if subprocess.run([need("unshare"), "--user", "true"], check=False, capture_output=True).returncode != 0:
        missing("user namespaces, which there are not in a chroot")
    with enter(root_directory,
               "process, ready, go = os.getpid(), os.pipe(), os.pipe()",
               "if os.fork() == 0:",
               "    os.close(ready[1])",
               "    os.read(ready[0], 1)",
               "    with open(f'/proc/{process}/uid_map', 'w') as users:",
               "        users.write('0 12345 2')",
               "    os.write(go[1], b'.')",
               "    os._exit(0)",
               "if ctypes.CDLL(None).unshare(0x10000000) != 0:  # CLONE_NEWUSER",
               "    sys.exit('unshare')",
               "os.write(ready[1], b'.')",
               "os.read(go[0], 1)",
               "os.wait()",
               "os.chroot(sys.argv[1])",
               "os.setuid(1)") as process:
        assert os.stat(f"/proc/{process.pid}").st_uid == 12346
        assert codes(process.pid) == set()


def run_from_memory(program, seals):
    code = ("import fcntl, os, sys\n"
            "fd = os.memfd_create('program', os.MFD_ALLOW_SEALING)\n"
            "os.write(fd, open(sys.argv[1], 'rb').read())\n"
            f"fcntl.fcntl(fd, fcntl.F_ADD_SEALS, {seals})\n"
            "fd = os.open(f'/proc/self/fd/{fd}', os.O_RDONLY)\n"
            "os.execve(fd, ['program'], os.environ)")
    return Process([sys.executable, "-c", code, program])


@pytest.mark.parametrize(("seals", "severity"), [("0", "warning"), ("fcntl.F_SEAL_WRITE", "note")])
def test_memfd(program, seals, severity):
    with run_from_memory(program, seals) as process:
        finding = found("memfd-code", process.pid)
        assert codes(process.pid) == {"memfd-code"} and finding["severity"] == severity
        assert ("seal it" in finding["cure"]) == (severity == "warning")


def test_unpacked_library(program, tmp_path):
    """As with JNA, the process itself writes, loads and deletes a library. Only root sees when it was written."""
    code = ("import ctypes, os, shutil, sys, time\n"
            "time.sleep(1.1)\n"
            "shutil.copyfile(sys.argv[1], sys.argv[2])\n"
            "ctypes.CDLL(sys.argv[2])\n"
            "os.unlink(sys.argv[2])\n"
            "print('READY', flush=True)\nsys.stdin.read()")
    library = build("library.c", "gcc", "-shared", "-fPIC", "-Wl,-z,now")
    with Process([sys.executable, "-c", code, library, tmp_path / "jna1.tmp"]) as process:
        finding = found("deleted-code", process.pid)
        assert finding["severity"] == ("note" if sees_nameless_files() else "warning")
        assert finding["name"].startswith(str(tmp_path))
        assert ("Restart" in finding["cure"]) == (finding["severity"] == "warning")


def test_young_program_deleted(program, tmp_path):
    """A program that one process writes, runs and deletes does not count as an unpacked library."""
    code = ("import os, shutil, sys, time\n"
            "time.sleep(1.1)\n"
            "shutil.copy(sys.argv[1], sys.argv[2])\n"
            "fd = os.open(sys.argv[2], os.O_RDONLY | os.O_CLOEXEC)\n"
            "os.unlink(sys.argv[2])\n"
            "os.execve(fd, ['program'], os.environ)")
    with Process([sys.executable, "-c", code, program, tmp_path / "program"]) as process:
        assert found("deleted-code", process.pid)["severity"] == "warning"


def test_old_library_deleted(tmp_path):
    library = tmp_path / "library.so"
    shutil.copy(build("library.c", "gcc", "-shared", "-fPIC", "-Wl,-z,now"), library)
    os.utime(library, (0, 10 ** 9))
    with start("faults.c", library, variant=("gcc", *HARD)) as process:
        library.unlink()
        assert found("deleted-code", process.pid)["severity"] == "warning"
