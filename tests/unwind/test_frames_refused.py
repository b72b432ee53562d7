# SPDX-License-Identifier: MIT
"""If no frames can be read, one line says why, and the rest is shown."""
import os
import re
import resource
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import pytest

from conftest import IS_64_BIT, IS_SANITIZED, MEMMAP, Process, memmap, memmap_json, need, need_64_bit, wait_until
from helpers.documents import FIXTURES, assert_valid, check_memory
from helpers.frames import start_calls, tid_of
from helpers.kernel import status_of, wait_for_state
from helpers.programs import build
from helpers.users import as_nobody, need_memory, need_root, public_memmap, setpriv


def assert_refused(run, reason):
    lines = run.stderr.decode().splitlines()
    assert run.returncode == 3 and len(lines) == 1, lines
    assert re.search(rf": no frames: {reason}", lines[0]), lines[0]


def test_json():
    with start_calls(1) as process:
        document = memmap_json("--frames=1", process.pid, status=3)
        assert_valid(document)
        target, = document["targets"]
        assert target["frames"] is target["functions"] is None
        assert "regions" not in target and [note["code"] for note in target["notes"]] == ["frames-denied"]


def test_no_such_thread():
    with start_calls(1) as process:
        assert_refused(memmap("--frames=1", process.pid), f"process {process.pid} has no thread 1$")


def test_ended_thread():
    need_memory()
    with start_calls(1, "orphan") as process:
        wait_for_state(process, "Z")
        assert_refused(memmap("--frames", process.pid),
                       rf"thread {process.pid}, the main thread, has ended; --frames=\d+ shows one that has not, .*")
        assert memmap(f"--frames={tid_of(process)}", process.pid).returncode == 0


def test_traced():
    need_memory()
    with start_calls(1) as process:
        with subprocess.Popen([need("strace"), "-o", "/dev/null", "-p", str(process.pid)],
                              stderr=subprocess.DEVNULL) as tracer:
            wait_until(lambda: status_of(process, "TracerPid") != "0", "strace traces the process")
            tracer_pid = status_of(process, "TracerPid")
            run = memmap("--frames", process.pid)
            tracer.terminate()
        assert_refused(run, f"thread {process.pid} is traced by process {tracer_pid}, such as a debugger$")


SMALL = 128 << 10


def test_small_stack():
    """libdw needs more stack than some limits allow: memmap raises the limit if it may."""
    need_memory()
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    with start_calls(1) as process:
        run = memmap("--frames", process.pid,
                     preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK, (SMALL, hard)))
        assert run.returncode == 0, run.stderr


def test_stack_that_stays_small():
    need_root()
    with as_nobody(build("two_threads.c")) as process:
        run = subprocess.run([*setpriv(), public_memmap(), "--frames", str(process.pid)], check=False,
                             capture_output=True,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_STACK, (SMALL, SMALL)))
        assert_refused(run, "they need a stack of 1M")


def with_inflated_section(path, size):
    """Make a program with a compressed section .debug_str that claims to inflate to `size` bytes."""
    content = path.with_suffix(".debug_str")
    content.write_bytes(struct.pack("<IIQQ", 1, 0, size, 1) + zlib.compress(bytes(1 << 20)))
    shutil.copy(build("calls.c", "cc", "-g0"), path)
    subprocess.run([need("objcopy"), "--remove-section=.debug_str", f"--add-section=.debug_str={content}", path],
                   check=True)
    elf = bytearray(path.read_bytes())
    table, count, names = *struct.unpack_from("<Q", elf, 40), *struct.unpack_from("<HH", elf, 60)
    strings = struct.unpack_from("<Q", elf, table + 64 * names + 24)[0]
    for at in range(table, table + 64 * count, 64):
        start = strings + struct.unpack_from("<I", elf, at)[0]
        if elf[start:elf.index(0, start)] == b".debug_str":
            struct.pack_into("<Q", elf, at + 8, 0x800)  # SHF_COMPRESSED
    path.write_bytes(elf)


@pytest.mark.parametrize("size", (1500 << 20, (1 << 63) - 1, (1 << 64) - 1))
def test_inflated_debug_information(tmp_path, size):
    """A small file that claims to inflate to a huge one is not given to libdw, which would allocate memory for it."""
    need_64_bit("the section header that is changed has 64 bits")
    need_memory()
    path = tmp_path / "program"
    with_inflated_section(path, size)
    with Process([path, "1"]) as process:
        target, = memmap_json("--frames", process.pid, status=3)["targets"]
        assert "debug-inflated" in [note["code"] for note in target["notes"]], target["notes"]
        assert check_memory(tmp_path, "--frames", str(process.pid)) == 3


@pytest.mark.parametrize("compression", ["none", "zlib", "zlib-gnu"])
def test_names_without_an_end(tmp_path, compression):
    """Without a final NUL, libdw would read past the end of the section: it is not given the file."""
    need_memory()
    names, cut, path = tmp_path / "names", tmp_path / "cut", tmp_path / "program"
    program = build("calls.c", "gcc", "-O1", "-g", "-gz=none")
    subprocess.run([need("objcopy"), f"--dump-section=.debug_str={names}", program, cut], check=True)
    names.write_bytes(names.read_bytes().rstrip(b"\0"))
    subprocess.run([need("objcopy"), f"--update-section=.debug_str={names}", program, cut], check=True)
    subprocess.run([need("objcopy"), f"--compress-debug-sections={compression}", cut, path], check=True)
    with Process([path, "1"]) as process:
        target, = memmap_json("--frames", process.pid, status=3)["targets"]
        assert "debug-damaged" in [note["code"] for note in target["notes"]], target["notes"]


def test_no_server():
    """With --debuginfod memmap reports that there is no server to ask; without the option, none is needed."""
    need_memory()
    environment = {key: value for key, value in os.environ.items() if key != "DEBUGINFOD_URLS"}
    with start_calls(1, variant=("gcc", "-O1", "-s", "-Wl,--build-id")) as process:
        assert memmap("--frames", process.pid, env=environment).returncode == 0
        target, = memmap_json("--frames", "--debuginfod", process.pid, status=3, env=environment)["targets"]
        assert [note["code"] for note in target["notes"]] == ["debuginfod-absent"]
        assert target["frames"]


def test_recorded():
    """A recorded process cannot be stopped, so it has no frames."""
    process = sorted(FIXTURES.glob("*/[0-9]*"))[0]
    run = memmap("--procfs", process.parent, "--frames", process.name)
    assert run.returncode == 3
    assert b": no frames: only a running process of this system can be stopped\n" in run.stderr


@pytest.mark.parametrize("text", ["0", "x", "-1", "", "99999999999", "1 "])
def test_no_thread_id(text):
    run = memmap(f"--frames={text}", "1")
    assert run.returncode == 2 and run.stderr.startswith(b"memmap: unknown thread '")


@pytest.mark.parametrize("other", ["--summary", "--threads", "--pages"])
def test_one_view_at_a_time(other):
    assert memmap("--frames", other, "-k", "heap", "1").returncode == 2


def test_library_is_missing():
    """If /dev/null hides libdw, memmap says that it is not installed, and which package has it."""
    need_root()
    library = next(Path(line.split()[-1]) for line in subprocess.run(
        [need("ldconfig"), "-p"], check=True, capture_output=True, text=True).stdout.splitlines()
        if "libdw.so.1 " in line and ("x86-64" in line) == IS_64_BIT)
    with start_calls(1) as process:
        run = subprocess.run(
            [need("unshare"), "--mount", "sh", "-c", 'mount --bind /dev/null "$1"; shift; exec "$@"', "sh",
             library.resolve(), MEMMAP, "--frames", str(process.pid)], check=False, capture_output=True)
        assert_refused(run, r"libdw\.so\.1 of elfutils 0\.188 or later is not installed \(package libdw1\)$")


def test_memory_is_short():
    """If libdw lacks memory, memmap says so, not that libdw is missing; each run has more, until it is enough."""
    if IS_SANITIZED:
        pytest.skip("a sanitizer takes terabytes of addresses")
    need_memory()
    refusals = []
    with start_calls(1) as process:
        for limit in range(2 << 20, 256 << 20, 256 << 10):
            run = memmap("--frames", process.pid,
                         preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
            if run.returncode == 0:
                break
            refusals.append(run.stderr)
    assert run.returncode == 0 and b"main" in run.stdout
    assert any(b"no frames: cannot load libdw.so.1: " in refusal for refusal in refusals)
    assert any(b"it needs too much memory to read" in refusal for refusal in refusals)
    assert not [refusal for refusal in refusals if b"installed" in refusal]


def claim_sections(path):
    """Make a 64-bit file claim millions of sections, as a sparse file that has room for them."""
    need_64_bit("the headers that are changed have 64 bits")
    count, contents = 4_000_000, bytearray(path.read_bytes())
    start_of_table = (len(contents) + 63) & ~63
    struct.pack_into("<Q", contents, 40, start_of_table)
    struct.pack_into("<HH", contents, 60, 0, 0)
    contents += bytes(start_of_table - len(contents)) + struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, count, 0, 0, 0, 0)
    path.write_bytes(contents)
    os.truncate(path, start_of_table + 64 * count)


def libc_of(program):
    listing = subprocess.run([need("ldd"), program], check=True, capture_output=True, text=True).stdout
    return re.search(r"libc\.so\.6 => (\S+)", listing)[1]


@pytest.mark.parametrize(("what", "statuses"), [("program", {3}), ("library", {0, 3}), ("debug file", {0})])
def test_sections_by_the_million(tmp_path, what, statuses):
    """A file with millions of sections costs little memory, although libelf would allocate some for each."""
    need_memory()
    program, environment = tmp_path / "program", {**os.environ}
    shutil.copy(build("calls.c", "gcc", "-O1", "-g"), program)
    if what == "program":
        claim_sections(program)
    elif what == "library":
        claim_sections(Path(shutil.copy(libc_of(program), tmp_path / "libc.so.6")))
        environment["LD_LIBRARY_PATH"] = str(tmp_path)
    else:
        whole = shutil.copy(program, tmp_path / "whole")
        subprocess.run([need("objcopy"), "--strip-all", f"--add-gnu-debuglink={whole}", program], check=True)
        claim_sections(whole)
    with Process([program], env=environment) as process:
        wait_for_state(process, "S")
        if what == "library":
            assert str(tmp_path / "libc.so.6") in Path(f"/proc/{process.pid}/maps").read_text()
        assert check_memory(tmp_path, "--frames", str(process.pid)) in statuses
