# SPDX-License-Identifier: MIT
"""Where the output goes: a pipe whose reader leaves, a full device, nowhere at all."""
import os
import signal
import struct
import subprocess

import pytest

from conftest import MEMMAP, memmap, missing
from helpers.programs import public_dir, start, unique
from helpers.users import memmap_as_nobody, need_root, public_memmap

FORMATS = [[], ["--json"], ["--raw"], ["--help"], ["--list-columns"]]


@pytest.fixture(scope="module")
def pid():
    with start("two_threads.c") as process:
        yield str(process.pid)


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_reader_that_leaves(pid, options):
    """A pipe without a reader ends memmap quietly, even if SIGPIPE is ignored."""
    for restore in (True, False):
        reader, writer = os.pipe()
        os.close(reader)
        # More than any buffer holds, so that writing fails while there is more to come.
        run = subprocess.run([MEMMAP, *options, *[pid] * 200], check=False, stdout=writer,
                             stderr=subprocess.PIPE, restore_signals=restore)
        os.close(writer)
        assert run.stderr == b""
        assert run.returncode == (-signal.SIGPIPE if restore else 0)


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_full_device(pid, options):
    if not os.path.exists("/dev/full"):
        missing("/dev/full")
    with open("/dev/full", "wb") as full:
        run = memmap(*options, pid, stdout=full)
    assert run.returncode == 1
    assert run.stderr.startswith(b"memmap: ") and run.stderr.count(b"\n") == 1
    assert b"No space left" in run.stderr


@pytest.mark.parametrize("options", FORMATS, ids=" ".join)
def test_closed_standard_output(pid, options):
    """memmap fails if standard output is closed, rather than write into a file that it opens as descriptor 1."""
    run = subprocess.run(["sh", "-c", 'exec "$0" "$@" >&-', MEMMAP, *options, pid], check=False,
                         stderr=subprocess.PIPE)
    assert run.returncode == 1
    assert run.stderr.startswith(b"memmap: ") and run.stderr.count(b"\n") == 1


def test_closed_standard_input_and_error(pid):
    run = subprocess.run(["sh", "-c", 'exec "$0" "$@" <&- 2>&-', MEMMAP, "--raw", pid], check=False,
                         stdout=subprocess.PIPE)
    assert run.returncode == 0
    assert run.stdout == memmap("--raw", pid).stdout


# ---- a file ----


def test_output_file(tmp_path):
    """A complete new file replaces the old one, and keeps its mode."""
    path = tmp_path / "new"
    path.write_text("old")
    path.chmod(0o640)
    old = path.open()
    run = memmap("--summary", os.getpid(), "--output-file", path)
    assert (run.returncode, run.stdout) == (0, b"")
    assert path.read_text().startswith(f"{os.getpid()}: ")
    assert path.stat().st_mode & 0o777 == 0o640
    with old:
        assert old.read() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_output_file_behind_links(tmp_path):
    """memmap replaces the file that a link leads to, and the link stays."""
    real, link = tmp_path / "real" / "new", tmp_path / "link"
    real.parent.mkdir()
    real.write_text("old")
    real.chmod(0o640)
    (tmp_path / "second").symlink_to("real/new")
    link.symlink_to("second")
    assert memmap("--summary", os.getpid(), "--output-file", link).returncode == 0
    assert link.is_symlink() and real.read_text().startswith(f"{os.getpid()}: ")
    assert real.stat().st_mode & 0o777 == 0o640 and list(real.parent.iterdir()) == [real]


def test_output_file_behind_a_broken_link(tmp_path):
    """The new file replaces a link to a missing file, which memmap does not create."""
    link = tmp_path / "link"
    link.symlink_to("none")
    assert memmap("--summary", os.getpid(), "--output-file", link).returncode == 0
    assert list(tmp_path.iterdir()) == [link] and not link.is_symlink()


def test_output_file_keeps_its_owner(tmp_path):
    need_root()
    path = tmp_path / "new"
    path.write_text("old")
    path.chmod(0o640)
    os.chown(path, 65534, 12345)
    assert memmap("--summary", os.getpid(), "--output-file", path).returncode == 0
    st = path.stat()
    assert (st.st_uid, st.st_gid, st.st_mode & 0o777) == (65534, 12345, 0o640)


def test_output_file_that_somebody_else_has_put_there():
    """In a directory like /tmp, root replaces another user's file without keeping its owner and mode."""
    need_root()
    path = public_dir() / unique("shared") / "new"
    path.parent.mkdir()
    path.parent.chmod(0o1777)
    path.write_text("")
    path.chmod(0o666)
    os.chown(path, 65534, 65534)
    umask = os.umask(0o27)
    try:
        assert memmap("--summary", os.getpid(), "--output-file", path).returncode == 0
    finally:
        os.umask(umask)
    st = path.stat()
    assert (st.st_uid, st.st_gid, st.st_mode & 0o777) == (0, os.getgid(), 0o640)


def acl_of(*entries):
    """An access list in the kernel's form: (tag, access, user), ..."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", tag, access, user) for tag, access, user in entries)


def test_output_file_with_an_access_list(tmp_path):
    """With an access list, the mode's group bits are its mask: the group itself may have no access, and gets none."""
    path = tmp_path / "new"
    path.write_text("old")
    others = 0xffffffff
    try:
        os.setxattr(path, "system.posix_acl_access",
                    acl_of((1, 6, others), (2, 6, 1000), (4, 0, others), (0x10, 6, others), (0x20, 0, others)))
    except OSError:
        missing("a file system with access lists")
    assert path.stat().st_mode & 0o777 == 0o660
    assert memmap("--summary", os.getpid(), "--output-file", path).returncode == 0
    assert path.stat().st_mode & 0o777 == 0o600


def test_output_file_in_a_deep_directory(tmp_path):
    """Without a link, memmap uses no path that is longer than the given one."""
    top = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(25):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
        with open("new", "w", encoding="utf-8"):
            pass
        assert memmap("--summary", os.getpid(), "--output-file", "new").returncode == 0
        assert os.stat("new").st_size > 0
    finally:
        os.chdir(top)


@pytest.mark.parametrize(("mode", "expected"), [(0o664, 0o644), (0o640, 0o600), (0o604, 0o600)])
def test_output_file_of_others(mode, expected):
    """If memmap may not keep the file's group, its new group and all others get only the access that both had."""
    need_root()
    path = public_dir() / unique(f"folder-{mode:o}") / "new"
    path.parent.mkdir()
    path.parent.chmod(0o777)
    path.write_text("old")
    path.chmod(mode)
    assert memmap_as_nobody("--summary", "--output-file", path, public_memmap()).returncode == 0
    st = path.stat()
    assert st.st_gid != os.getgid() and st.st_mode & 0o777 == expected


def test_output_file_that_cannot_be(tmp_path):
    for path in (tmp_path, tmp_path / "none" / "file", "/dev/null"):
        run = memmap("--output-file", path, os.getpid(), text=True)
        assert run.returncode == 1 and run.stderr.startswith(f"memmap: {path}: ")
