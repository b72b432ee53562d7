# SPDX-License-Identifier: MIT
"""Libraries mapped straight from an archive, as Android's loader maps those in an APK."""
import os
import struct

import pytest

from conftest import Process, memmap, memmap_json, need, need_64_bit
from helpers.programs import build, python, run

SOURCE = ("int d[3000] = {1, 2}; int b[9000]; const int r[2000] = {7};"
          "__attribute__((visibility(\"default\"))) int name(int x) { return x + d[1] + b[2] + r[0]; }\n")
PAGE = 4096


def build_library(directory, name, *flags):
    (directory / f"{name}.c").write_text(SOURCE.replace("name", name))
    run(need("gcc"), "-shared", "-fPIC", "-nostdlib", "-Wl,--build-id", *flags, "-o", f"{name}.so", f"{name}.c",
        cwd=directory)
    return (directory / f"{name}.so").read_bytes()


def pack(path, *libraries):
    """Writes an archive with each library at the beginning of a page; returns their offsets."""
    contents, offsets = b"PK\3\4".ljust(3 * PAGE, b"x"), []
    for library in libraries:
        contents = contents.ljust(-(-len(contents) // PAGE) * PAGE, b"x")
        offsets.append(len(contents))
        contents += library
    path.write_bytes(contents + b"the archive's directory")
    return offsets


def kinds_alone(directory, name):
    """[(start, end, kind)] of what is mapped of the library as a file by itself."""
    target, = memmap_json(directory / f"{name}.so")["targets"]
    return [(int(r["start"], 16), int(r["end"], 16), r["kind"]) for r in target["regions"]]


@pytest.mark.parametrize("flags", [(), ("-Wl,-z,noseparate-code",), ("-fuse-ld=lld",)], ids=str)
def test_one(tmp_path, flags):
    """A library in an archive has the same kinds, symbols and sections as the library file by itself."""
    offset, = pack(tmp_path / "base.apk", build_library(tmp_path, "first", *flags))
    with Process([build("map_elf.c"), tmp_path / "base.apk", str(offset)]) as process:
        base = int(process.lines[0], 16)
        target, = memmap_json(process.pid)["targets"]
        place, = memmap_json("--at", "base.apk:first", process.pid)["targets"][0]["at"]
    module, = (module for module in target["modules"] if module["path"] == str(tmp_path / "base.apk"))
    assert int(module["bias"], 16) == base
    alone = memmap_json("-m", tmp_path / "first.so")["targets"][0]["modules"][0]
    assert module["build_id"] == alone["build_id"]
    for start, end, kind in kinds_alone(tmp_path, "first"):
        at = [r for r in target["regions"] if int(r["start"], 16) <= base + start < int(r["end"], 16)]
        # No loader has relocated the library: its RELRO is still data.
        assert [r["kind"] for r in at] == ["data" if kind == "relro" else kind], (hex(start), hex(end), at)
    assert place["symbol"]["name"] == "first"
    symbol, = memmap_json("--at", "first", tmp_path / "first.so")["targets"][0]["at"]
    assert int(place["address"], 16) == base + int(symbol["address"], 16)
    assert place["section"] == ".text"


def test_several(tmp_path):
    """Each mapped library of an archive is a module of its own, even one that is mapped twice."""
    offsets = pack(tmp_path / "base.apk", build_library(tmp_path, "first"), build_library(tmp_path, "second"))
    arguments = [str(offset) for offset in (*offsets, offsets[0])]
    with Process([build("map_elf.c"), tmp_path / "base.apk", *arguments]) as process:
        bases = [int(line, 16) for line in process.lines]
        target, = memmap_json(process.pid)["targets"]
        queries = [f"{base + 0x1000:#x}" for base in bases]
        run_ = memmap_json(*(word for query in queries for word in ("--at", query)), process.pid)
    biases = [int(m["bias"], 16) for m in target["modules"] if m["path"] == str(tmp_path / "base.apk")]
    assert sorted(bases) == sorted(biases)
    names = [place["symbol"]["name"] for place in run_["targets"][0]["at"]]
    assert names == ["first", "second", "first"]


def test_libraries_that_claim_to_be_large(tmp_path):
    """memmap copies a limited number of bytes out of archives, and reports what it leaves out."""
    need_64_bit("the header that is changed has 64 bits")
    libraries = [bytearray(build_library(tmp_path, name)) for name in ("first", "second", "third")]
    for library in libraries[:2]:
        struct.pack_into("<Q", library, 40, 300 << 20)  # e_shoff
    offsets = pack(tmp_path / "base.apk", *libraries)
    with Process([build("map_elf.c"), tmp_path / "base.apk", *map(str, offsets)]) as process:
        target, = memmap_json("--sections", process.pid, status=3)["targets"]
    note, = target["notes"]
    assert note["code"] == "sections-unread" and note["text"].startswith("1 file has")
    last = {region["section"] for region in target["regions"] if int(region["start"], 16) >= int(process.lines[2], 16)
            and region["name"] == str(tmp_path / "base.apk")}
    assert ".text" in last


def test_pages_that_claim_to_be_large(tmp_path):
    """Each page may claim to be a library as large as the archive: memmap copies a limited number of bytes in all."""
    need_64_bit("the headers have 64 bits")
    n, size = 40, 400 << 20
    header = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    for flags, offset, address in ((5, 0, 0), (4, size - PAGE, 16 * PAGE)):
        header += struct.pack("<IIQQQQQQ", 1, flags, offset, address, address, PAGE, PAGE, PAGE)
    path = tmp_path / "base.apk"
    path.write_bytes(b"PK\3\4".ljust(PAGE, b"x") + n * header.ljust(PAGE, b"\0"))
    os.truncate(path, size + (n + 1) * PAGE)
    # Later mappings have lower addresses.
    map_backwards = f"""
fd = os.open({str(path)!r}, os.O_RDONLY)
keep = [mmap.mmap(fd, {PAGE}, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC, offset=i * {PAGE}) for i in range(1, {n})]
"""
    with python(map_backwards) as process:
        target, = memmap_json("--check", process.pid, status=4)["targets"]
    note, = (note["text"] for note in target["notes"] if note["code"] == "unread")
    assert note.startswith(f"could not read {path}: File too large, and ")


@pytest.mark.parametrize("spoil", [b"\0" * 4, b"\x7fELF" + b"\xff" * 60], ids=["nothing", "nonsense"])
def test_no_library(tmp_path, spoil):
    """Executable memory of an archive is text even if no ELF file begins at its offset."""
    library = build_library(tmp_path, "first")
    offset, = pack(tmp_path / "base.apk", library)
    with Process([build("map_elf.c"), tmp_path / "base.apk", str(offset)]) as process:
        with open(tmp_path / "base.apk", "r+b") as file:
            os.pwrite(file.fileno(), spoil, offset)
        done = memmap("--json", process.pid)
        assert done.returncode == 0
        target, = memmap_json(process.pid)["targets"]
    own = [region for region in target["regions"] if region["name"] == str(tmp_path / "base.apk")]
    assert own and all(region["module"] is None and region["basis"] == "perms" for region in own)
    assert {region["kind"] for region in own if "x" in region["perms"]} == {"text"}
