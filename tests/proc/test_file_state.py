# SPDX-License-Identifier: MIT
"""FILE: the state of files that are mapped as data, and of mappings that only look like files."""
import errno
import os
import tempfile

import pytest

from conftest import Process, memmap, missing
from helpers.documents import raw_rows, region_at, target_of
from helpers.programs import build, public_dir, python, start
from helpers.users import NOBODY, memmap_as_nobody, need_root

PAGE = bytes(4096)


@pytest.fixture(name="file")
def fixture_file(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(PAGE)
    return path


def holding(fd):
    """A process that maps a file which is open here, whether or not it has a path."""
    return start("hold_files.c", f"/proc/self/fd/{fd}", pass_fds=[fd])


def state(process):
    return region_at(target_of(process.pid), process.lines[0])["file"]


def unnamed(directory):
    """An open file that never had a path."""
    try:
        fd = os.open(directory, os.O_TMPFILE | os.O_RDWR)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
        missing(f"O_TMPFILE in {directory}")
    os.write(fd, PAGE)
    return fd


def test_plain(file):
    with start("hold_files.c", file) as process:
        assert state(process) == "ok"


def test_another_name_for_it(file):
    """A file whose mapped name is removed is deleted: the mapping does not know its other hard link."""
    os.link(file, f"{file}.link")
    with start("hold_files.c", file) as process:
        file.unlink()
        assert state(process) == "deleted"


def test_renamed(file):
    """A renamed file is ok: the kernel shows its new name."""
    with start("hold_files.c", file) as process:
        file.rename(f"{file}.new")
        assert state(process) == "ok"
        file.write_bytes(PAGE)
        assert state(process) == "ok"


@pytest.mark.parametrize("directory", [None, "/dev/shm"])
def test_temporary(directory):
    """A temporary file, as tmpfile() makes it without O_TMPFILE, is deleted, and replaced once its name is reused."""
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        file.write(PAGE)
        file.flush()
        with start("hold_files.c", file.name) as process:
            assert state(process) == "ok"
            os.rename(file.name, f"{file.name}.new")
            os.unlink(f"{file.name}.new")
            assert state(process) == "deleted"
            with open(file.name, "wb") as other:
                other.write(PAGE)
            # The file's last name was the other one, which is free.
            assert state(process) == "deleted"
            os.link(file.name, f"{file.name}.new")
            assert state(process) == "replaced"
            os.unlink(f"{file.name}.new")


@pytest.mark.parametrize("directory", [None, "/dev/shm"])
def test_never_had_a_path(tmp_path, directory):
    fd = unnamed(directory or tmp_path)
    with holding(fd) as process:
        region = region_at(target_of(process.pid), process.lines[0])
        assert region["name"].endswith(f"/#{os.fstat(fd).st_ino} (deleted)")
        assert region["file"] == "ok"
    os.close(fd)


def test_was_given_a_path_later(tmp_path):
    """A file from O_TMPFILE stays ok when linkat() gives it a path, which the mapping does not show."""
    fd, directory = unnamed(tmp_path), os.open(tmp_path, os.O_PATH)
    with holding(fd) as process:
        # Without dst_dir_fd Python would link the symbolic link itself.
        os.link(f"/proc/self/fd/{fd}", "named", dst_dir_fd=directory)
        assert state(process) == "ok"
    os.close(directory)
    os.close(fd)


def test_code_that_never_had_a_path(tmp_path):
    """Code in a file without a path is shown as deleted: no path leads to the file."""
    fd = unnamed(tmp_path)
    os.pwrite(fd, build("library.c", "cc", "-shared", "-fPIC").read_bytes(), 0)
    with start("load_library.c", f"/proc/self/fd/{fd}", pass_fds=[fd]) as process:
        os.close(fd)
        regions = [region for region in target_of(process.pid)["regions"] if "/#" in (region["name"] or "")]
        assert {"text", "rodata", "data"} <= {region["kind"] for region in regions}
        assert {region["file"] for region in regions} == {"deleted"}


def test_named_like_one_without_a_path(tmp_path):
    """A file named # and a number that is not its inode did have a path."""
    path = tmp_path / "#12345"
    path.write_bytes(PAGE)
    with start("hold_files.c", path) as process:
        path.unlink()
        assert state(process) == "deleted"


def test_memfd():
    fd = os.memfd_create("data")
    os.write(fd, PAGE)
    with holding(fd) as process:
        assert state(process) == "memfd"
    os.close(fd)


SHARED = "m = mmap.mmap(-1, 4096)\nresult = address(m)"
ZERO = "fd = os.open('/dev/zero', os.O_RDWR)\nm = mmap.mmap(fd, 4096, mmap.MAP_{})\nresult = address(m)"
SYSV = """
libc.shmat.restype = ctypes.c_void_p
number = libc.shmget(0, 4096, 0o600)
result = libc.shmat(number, None, 0)
libc.shmctl(number, 0, None)"""


@pytest.mark.parametrize("code", [SHARED, ZERO.format("SHARED"), ZERO.format("PRIVATE"), SYSV],
                         ids=["anonymous", "zero", "private zero", "System V"])
def test_no_file(code):
    """Shared anonymous memory is no file, though the kernel shows most of it as a deleted one."""
    with python(code) as process:
        region = region_at(target_of(process.pid), hex(int(process.line)))
        assert region["name"] and region["inode"] is not None and region["file"] is None


def test_inode_zero():
    """The first System V segment of an IPC namespace has inode 0: memmap shows it as 0, not as no inode."""
    need_root()
    with python(f"CLONE_NEWIPC = 0x8000000\nlibc.unshare(CLONE_NEWIPC)\n{SYSV}") as process:
        region = region_at(target_of(process.pid), hex(int(process.line)))
        assert (region["kind"], region["offset"], region["inode"], region["file"]) == ("shm", 0, 0, None)
        assert region["dev"].startswith("00:") and region["dev"] != "00:00"
        run = memmap("-rn", "-o", "OFFSET,DEV,INODE", "-A", hex(int(process.line)), process.pid)
        assert raw_rows(run.stdout) == [["0", region["dev"], "0"]]


def test_out_of_sight():
    """A mapped file is unreadable to a reader that may not enter the file's directory."""
    need_root()
    with tempfile.TemporaryDirectory(dir=public_dir()) as hidden:
        path = os.path.join(hidden, "file")
        with open(path, "wb") as file:
            file.write(PAGE)
        fd = os.open(path, os.O_RDONLY)
        argv = [build("hold_files.c"), f"/proc/self/fd/{fd}"]
        with Process(argv, user=NOBODY, group=NOBODY, extra_groups=[], pass_fds=[fd]) as process:
            os.close(fd)
            run = memmap_as_nobody("-r", "-n", "-o", "FILE", "-A", process.lines[0], process.pid)
            assert (run.returncode, raw_rows(run.stdout)) == (0, [["unreadable"]])
            assert state(process) == "ok"
