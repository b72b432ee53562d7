# SPDX-License-Identifier: MIT
"""Libraries that are not, or no longer, mapped as their headers say: the parts in place still belong to them."""
import os
import shutil
import struct
import subprocess

import pytest

from conftest import Process, memmap, memmap_json, missing, need
from helpers.programs import build
from helpers.readelf import elf_of
from helpers.truth import Observed, check_cover, check_module, drop_vdso, holder, observe, read_mappings, read_target

SOURCE = ("const char *const names[600] = {\"a\"}; int d[3000] = {1, 2}; int b[9000]; const int r[2000] = {7};"
          "int f(int x) { return x + d[1] + b[2] + r[0] + !names[x]; }\n")
READ, WRITE, EXEC = 1, 2, 4


def build_library(directory, linker, *flags):
    """lld and mold give RELRO its own segment; if nothing is relocated, each address equals its file offset."""
    (directory / "l.c").write_text(SOURCE)
    library = directory / "l.so"
    subprocess.run([need("gcc"), "-shared", "-fPIC", "-nostdlib", *linker_flags(linker), *flags, "-o", library,
                    directory / "l.c"], check=True)
    return library


def linker_flags(linker):
    need(f"ld.{linker}")
    return [f"-fuse-ld={linker}"]


def module_of(observed, path):
    index, = (i for i, module in enumerate(observed.modules) if module.path == str(path))
    return index


def expected_kinds(elf, bias, observed, address):
    """The kinds that an address may have according to the file's headers alone."""
    spans = elf.spans(bias, lambda at: any("w" in m.perms for m in observed.mappings if m.start <= at < m.end))
    return [span.kind for span in spans if span.start <= address < span.end]


@pytest.mark.parametrize("linker", ["bfd", "lld"])
@pytest.mark.parametrize("changes", [
    ((1, READ),), ((3, READ | WRITE | EXEC),), ((0, READ | EXEC), (2, READ | EXEC)), ((1, READ | WRITE),),
    ((2, 0),), ((0, READ | EXEC), (1, READ | WRITE | EXEC), (2, READ | EXEC), (3, READ | WRITE | EXEC)),
], ids=str)
def test_access_changed(tmp_path, linker, changes):
    """If the access to some segments has changed, the whole module is still found."""
    library = build_library(tmp_path, linker)
    arguments = [str(word) for change in changes for word in change]
    observed = observe(build("change_access.c"), library, *arguments)
    check_cover(observed)
    check_module(observed, module_of(observed, library))


def check_parts(observed, library, start, end):
    """Check that all pages still mapped from the library match its headers; return the regions from start to end."""
    index = module_of(observed, library)
    module, elf = observed.modules[index], elf_of(str(library))
    own = [mapping for mapping in observed.mappings if mapping.name == str(library)]
    assert own
    for mapping in own:
        for address in range(mapping.start, mapping.end, 4096):
            kinds = expected_kinds(elf, module.bias, observed, address)
            region = holder(observed.regions, address)
            assert region.module == index and (not kinds or region.kind in kinds), (hex(address), region, kinds)
            assert region.basis == "segment"
    return [region for region in observed.regions if start <= region.start < end]


@pytest.mark.parametrize("linker", ["bfd", "lld"])
@pytest.mark.parametrize("what", ["relro", "0", "1", "3"])
@pytest.mark.parametrize("how", ["file", "copy", "none"])
def test_replaced(tmp_path, linker, what, how):
    library = build_library(tmp_path, linker)
    if what == "3" and how == "none":
        what = "2"
    with Process([build("replace_pages.c"), library, what, how], cwd=tmp_path) as process:
        start, end = (int(word, 16) for word in process.lines[0].split())
        observed = observe_running(process)
    check_cover(observed)
    for region in check_parts(observed, library, start, end):
        if how == "file":
            assert region.name == str(tmp_path / "shared.pages") and region.module is None, region
            assert region.kind == ("text" if "x" in region.perms else "file"), region
        else:
            assert region.basis == "pattern" or region.kind in ("text", "bss"), region


def observe_running(process):
    mappings = read_mappings(process.pid)
    target, = memmap_json(process.pid)["targets"]
    regions, modules = read_target(target)
    drop_vdso(regions, modules)
    return Observed([], mappings, regions, modules)


def drop_stack_header(path):
    """Drop PT_GNU_STACK, which old compilers and assembly lack: the kernel then makes readable pages executable."""
    data = bytearray(path.read_bytes())
    is_wide = data[4] == 2
    at, = struct.unpack_from("<Q" if is_wide else "<I", data, 32 if is_wide else 28)
    size, n = struct.unpack_from("<HH", data, 54 if is_wide else 42)
    for i in range(n):
        if struct.unpack_from("<I", data, at + i * size)[0] == 0x6474e551:
            struct.pack_into("<I", data, at + i * size, 0)
    path.write_bytes(data)


def narrow_command(tmp_path):
    (tmp_path / "a.c").write_text('#include <stdio.h>\nint main(void){puts("READY");fflush(stdout);getchar();}\n')
    program = tmp_path / "a"
    subprocess.run([need("i686-linux-gnu-gcc"), "-o", program, tmp_path / "a.c"], check=True)
    drop_stack_header(program)
    loader = "/usr/i686-linux-gnu/lib/ld-linux.so.2"
    if not os.path.exists(loader):
        missing("a 32-bit C library (libc6-i386-cross)")
    return [loader, "--library-path", "/usr/i686-linux-gnu/lib", program]


def test_all_is_executable(tmp_path):
    """In a 32-bit program without PT_GNU_STACK, all segments of modules are found, whatever their access."""
    setarch = need("setarch")
    argv = narrow_command(tmp_path)
    with Process([setarch, "--read-implies-exec", *argv]) as process:
        observed = observe_running(process)
        run = memmap("--at", "libc.so.6:printf", process.pid)
    assert run.returncode == 0
    assert not any(m.perms.startswith("r--") for m in observed.mappings if m.name and m.name.endswith("libc.so.6"))
    paths = [module.path for module in observed.modules]
    assert any(path.endswith("/libc.so.6") for path in paths) and str(tmp_path / "a") in paths
    for index, _ in enumerate(observed.modules):
        check_module(observed, index)


def test_lost(tmp_path):
    """If a file's headers no longer match what is mapped, memmap says so, and the file is no module."""
    library = build_library(tmp_path, "bfd")
    with Process([build("load_library.c"), library]) as process:
        data = bytearray(library.read_bytes())
        at, = struct.unpack_from("<Q", data, 32)
        size, n = struct.unpack_from("<HH", data, 54)
        for i in range(n):
            if struct.unpack_from("<I", data, at + i * size)[0] == 1:
                struct.pack_into("<QQ", data, at + i * size + 8, 0x700000 + i * 0x20000, 0x900000 + i * 0x50000)
        with open(library, "r+b") as file:
            file.write(data)
        target, = memmap_json(process.pid, status=3)["targets"]
    assert "module-lost" in [note["code"] for note in target["notes"]]
    own = [region for region in target["regions"] if region["name"] == str(library)]
    assert own and all(region["module"] is None and region["basis"] == "perms" for region in own)
    assert [region["kind"] for region in own if "x" in region["perms"]] == ["text"]


def test_overwritten(tmp_path):
    """If another version overwrites a library in place, the parts that did not move are still a module."""
    library = build_library(tmp_path, "lld")
    with Process([build("load_library.c"), library]) as process:
        (tmp_path / "new").mkdir()
        new = build_library(tmp_path / "new", "lld", "-Dr=r_")
        shutil.copyfile(new, library)
        observed = observe_running(process)
    check_module(observed, module_of(observed, library))


DAMAGED = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x03\x00\x3e\x00\x01\x00"


@pytest.mark.parametrize("contents", [b"", b"#!/bin/sh\n", DAMAGED], ids=["empty", "script", "damaged"])
def test_executable_file_that_is_no_elf(tmp_path, contents):
    """Executable memory is never data, even if its file is no ELF file."""
    path = tmp_path / "file"
    path.write_bytes(contents.ljust(8192, b"\n"))
    with Process([build("hold_files.c"), "-x", path]) as process:
        target, = memmap_json(process.pid, status=3 if contents == DAMAGED else 0)["targets"]
    region, = (region for region in target["regions"] if region["name"] == str(path))
    assert (region["kind"], region["basis"], region["module"]) == ("text", "perms", None)
