# SPDX-License-Identifier: MIT
"""Forged debug information may crash libdw or keep it busy for ever: memmap loses no more than the frames."""
import os
import platform
import resource
import shutil
import struct
import subprocess

import pytest

from conftest import IS_SANITIZED, Process, memmap, memmap_json, missing, need, need_64_bit
from helpers.documents import check_memory
from helpers.kernel import status_of
from helpers.programs import PROGRAMS, build
from helpers.users import need_memory


def assemble(directory, source, *options):
    if platform.machine() != "x86_64":
        missing("an x86-64 machine")
    program = directory / "program"
    subprocess.run([need("gcc"), "-nostdlib", "-static", "-no-pie", *options, PROGRAMS / source, "-o", program], check=True)
    return program


def with_usual_stack():
    resource.setrlimit(resource.RLIMIT_STACK, (8 << 20, resource.getrlimit(resource.RLIMIT_STACK)[1]))


def test_that_crashes_libdw(tmp_path):
    """Deeply nested functions crash libdw, which recurses into each: memmap goes on without debug information."""
    need_memory()
    with Process([assemble(tmp_path, "deep_debug.S", "-DDEPTH=200000")]) as process:
        target, = memmap_json("--frames", process.pid, status=3, preexec_fn=with_usual_stack)["targets"]
        notes = {note["code"]: note["text"] for note in target["notes"]}
        assert notes["debug-unread"].startswith("debug information was not used: libdw crashed on it: ")
        assert target["frames"][0]["function"] == "_start"


def test_that_takes_hours(tmp_path):
    """After ten seconds memmap lets the thread go on, and reads no more of its stack."""
    need_memory()
    with Process([assemble(tmp_path, "slow_unwind.S")]) as process:
        run = memmap("--frames", process.pid)
        reason = f"thread {process.pid} went on after 10 s, before its stack was read"
        assert run.stderr.decode() == f"memmap: {process.pid}: no frames: {reason}\n"
        assert run.returncode == 3
        assert run.stdout.startswith(f"{process.pid}: ".encode())
        assert status_of(process, "TracerPid") == "0"


def enlarge_section(path, name, size):
    """Make a section of a 64-bit file larger, by a hole in the file."""
    need_64_bit("the section header that is changed has 64 bits")
    elf = bytearray(path.read_bytes())
    table, count, names = *struct.unpack_from("<Q", elf, 40), *struct.unpack_from("<HH", elf, 60)
    strings = struct.unpack_from("<Q", elf, table + 64 * names + 24)[0]
    header, = (at for at in range(table, table + 64 * count, 64)
               if elf[strings + struct.unpack_from("<I", elf, at)[0]:].startswith(name + b"\0"))
    start, length = struct.unpack_from("<QQ", elf, header + 24)
    struct.pack_into("<QQ", elf, header + 24, len(elf), size)
    path.write_bytes(elf + elf[start:start + length])
    os.truncate(path, len(elf) + size)


@pytest.mark.parametrize("name", [b".debug_info", b".debug_line", b".debug_str"])
def test_of_the_size_of_memory(tmp_path, name):
    """libdw reads sections whole: one as large as memory is not read."""
    if IS_SANITIZED:
        pytest.skip("a sanitizer ends a program whose memory is refused")
    need_memory()
    program = tmp_path / "program"
    shutil.copy(build("calls.c", "gcc", "-O1", "-g"), program)
    enlarge_section(program, name, os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with Process([program, "1"]) as process:
        target, = memmap_json("--frames", process.pid, status=3)["targets"]
        assert [note["code"] for note in target["notes"]] == ["debug-unread"]
        assert "main" in [frame["function"] for frame in target["frames"]]
        assert check_memory(tmp_path, "--frames", str(process.pid)) == 3


def test_many_compressed_sections(tmp_path):
    """libelf goes through all it has read of compressed sections for each further one: a file with many is not used."""
    need_64_bit("the section headers have 64 bits")
    need_memory()
    n = 20000
    elf = bytearray(build("calls.c", "gcc", "-O1", "-g").read_bytes())
    table, count = struct.unpack_from("<Q", elf, 40)[0], struct.unpack_from("<H", elf, 60)[0]
    headers = elf[table:table + 64 * count]
    chunk = len(elf)
    elf += struct.pack("<IIQQ", 1, 0, 1, 1)  # Elf64_Chdr
    struct.pack_into("<Q", elf, 40, len(elf))
    struct.pack_into("<H", elf, 60, count + n)
    elf += headers + n * struct.pack("<IIQQQQIIQQ", 0, 1, 0x800, 0, chunk, 24, 0, 0, 1, 0)
    program = tmp_path / "program"
    program.write_bytes(elf)
    program.chmod(0o755)
    with Process([program, "1"]) as process:
        target, = memmap_json("--frames", process.pid, status=3)["targets"]
    note, = (note["text"] for note in target["notes"] if note["code"] == "debug-inflated")
    assert note.startswith("1 file was not used: there are too many compressed sections, ")
