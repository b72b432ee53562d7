# SPDX-License-Identifier: MIT
"""--at --contents shows the first bytes of a malloc block that are in memory; without --contents, none are shown."""
import subprocess

import pytest

from conftest import memmap, memmap_json, need
from helpers.programs import python, run, start
from helpers.snapshots import need_snapshots, save
from helpers.users import need_memory

# A block that holds only TEXT, and a block whose first page is given back to the kernel.
BLOCKS = """
libc.malloc.restype = libc.memalign.restype = ctypes.c_void_p
libc.malloc.argtypes = [ctypes.c_size_t]
libc.memalign.argtypes = [ctypes.c_size_t, ctypes.c_size_t]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
small = libc.malloc(24)
ctypes.memmove(ctypes.c_void_p(small), %r, 24)
absent = libc.memalign(4096, 20000)
libc.madvise(absent, 4096, 4)
result = f"{small} {absent}"
"""
TEXT = b"ab \x1b[31m\x00\xc3\xa9\\~\x7f0123456789"
SHOWN = b"ab .[31m...\\~.0123456789"


@pytest.fixture(scope="module", name="process")
def fixture_process():
    need_memory()
    assert len(TEXT) == 24
    with python(BLOCKS % TEXT) as process:
        yield process


def small_and_absent(process):
    return [hex(int(word)) for word in process.line.split()]


def contents_at(target, address, **kwargs):
    target = memmap_json("--at", hex(address), "--contents", target, **kwargs)["targets"][0]
    return target["at"][0]["block"]["contents"]


def test_of_a_small_block(process):
    """Any address in a block shows all of its usable bytes, which include a word of the next block."""
    small, _ = small_and_absent(process)
    for offset in (0, 5, 23):
        assert contents_at(process.pid, int(small, 16) + offset) == TEXT.hex()


def test_in_a_table(process):
    small, _ = small_and_absent(process)
    shown = memmap("--at", small, "--contents", process.pid).stdout
    lines = dict(line.split(maxsplit=1) for line in shown.splitlines() if b" " in line)
    assert lines[b"CONTENTS"] == TEXT.hex().encode()
    assert lines[b"TEXT"] == SHOWN
    without = memmap("--at", small, process.pid).stdout
    assert [line for line in shown.splitlines() if line.split()[0] not in (b"CONTENTS", b"TEXT")] == without.splitlines()


def test_nothing_else_changes(process):
    """Without the option there is no column and no key."""
    small, _ = small_and_absent(process)
    block = memmap_json("--at", small, process.pid)["targets"][0]["at"][0]["block"]
    assert "contents" not in block
    raw, with_it = (memmap("--raw", "--at", small, *more, process.pid).stdout.splitlines() for more in ([], ["--contents"]))
    assert len(with_it[-1].split()) == len(raw[-1].split()) + 2


def test_of_a_page_that_is_not_there(process):
    """A page that is not in memory is not read: reading would bring it back."""
    _, absent = small_and_absent(process)
    for _ in range(2):
        shown = memmap("--at", absent, "--contents", process.pid)
        assert shown.returncode == 3 and b"no contents of 1 block: " in shown.stderr
        assert contents_at(process.pid, int(absent, 16), status=3) is None


@pytest.mark.parametrize("variant", [("gcc",), ("gcc", "-static"), ("i686-linux-gnu-gcc",)], ids="".join)
def test_of_a_core_file(variant, tmp_path, monkeypatch):
    need_memory()
    # Meson sets MALLOC_PERTURB_, which makes malloc() fill the blocks that it returns.
    monkeypatch.delenv("MALLOC_PERTURB_", raising=False)
    with start("rtti.c", "10", variant=variant) as process:
        _, mapped, used = (int(line, 16) for line in process.lines)
        run(need("gcore"), "-o", tmp_path / "core", str(process.pid), stdin=subprocess.DEVNULL)
        core, = tmp_path.glob("core*")
        for target in (process.pid, core):
            contents = bytes.fromhex(contents_at(target, used))
            assert len(contents) == 64 and any(contents[:4]) and not any(contents[8:])
            assert contents_at(target, mapped + 5000) == "00" * 64
        assert contents_at(core, used) == contents_at(process.pid, used)


def test_of_a_snapshot(process, tmp_path):
    """A snapshot made with --contents shows none, and says so if they are asked for."""
    need_snapshots()
    small, _ = small_and_absent(process)
    save(tmp_path / "a.json", "--at", small, "--contents", process.pid)
    for args, status in ([], 0), (["--contents"], 3):
        shown = memmap("--at", small, *args, tmp_path / "a.json")
        assert shown.returncode == status and TEXT.hex().encode() not in shown.stdout
        assert (b"no contents: " in shown.stderr) == bool(args)


@pytest.mark.parametrize("view", [[], ["--heap"], ["--blocks"], ["--leaks"], ["--pages", "-k", "heap"], ["--check"]], ids=" ".join)
def test_with_another_view(view):
    shown = memmap("--contents", *view, "1")
    assert shown.returncode == 2
    assert shown.stderr.startswith(b"memmap: --contents needs --at\n")
