# SPDX-License-Identifier: MIT
"""Small programs that the kernel runs, with unusual program headers: each as a file, and while it runs."""
import os
import re
import struct
import subprocess
import time
from pathlib import Path

import pytest

from conftest import memmap, memmap_json, missing, need
from helpers.readelf import elf_of
from helpers.truth import read_mappings

PAUSE = bytes.fromhex("b8220000000f05ebf7")  # for ever
R, W, X = 4, 2, 1
NAMES = b"\0.jit\0.text\0.shstrtab\0"


def header(entry, n, sections_at=0, n_sections=0, names=0):
    return b"\x7fELF\2\1\1" + bytes(9) + struct.pack("<HHIQQQIHHHHHH", 2, 62, 1, entry, 64, sections_at, 0, 64, 56, n,
                                                     64, n_sections, names)


def load(flags, offset, address, in_file, in_memory):
    return struct.pack("<IIQQQQQQ", 1, flags, offset, address, address, in_file, in_memory, 4096)


def section(name, kind, flags, address, offset, size):
    return struct.pack("<IIQQQQIIQQ", name, kind, flags, address, offset, size, 0, 0, 1, 0)


def write(path, entry, loads, size, at, tail=b"", **kwargs):
    data = (header(entry, len(loads), **kwargs) + b"".join(loads)).ljust(at, b"\0") + PAUSE
    path.write_bytes(data.ljust(size, b"\x90") + tail)
    path.chmod(0o755)


TAIL = (NAMES.ljust(32, b"\0") + section(0, 0, 0, 0, 0, 0) + section(1, 8, 7, 0x800000, 0x300, 0x10000)
        + section(6, 1, 6, 0x400200, 0x200, 9) + section(12, 3, 0, 0, 0x300, len(NAMES)))
FIRST = load(R | X, 0, 0x400000, 0x300, 0x300)
# The arguments of write(), and the kinds of the program's own mappings: (start, end, kind).
PROGRAMS = {
    "same-page": (0x400000, [load(R, 0, 0x400000, 0x158, 0x158), load(R | X, 0x1000, 0x400000, 0x2000, 0x2000),
                             load(R | W, 0x3000, 0x402000, 0x100, 0x3000)], 0x3100, 0x1000, {},
                  [(0x400000, 0x402000, "text"), (0x402000, 0x402100, "data"), (0x402100, 0x405000, "bss")]),
    "overlap": (0x400200, [load(R | X, 0, 0x400000, 0x2800, 0x2800), load(R | W, 0x2000, 0x402000, 0x900, 0x1800)],
                0x2900, 0x200, {},
                [(0x400000, 0x402000, "text"), (0x402000, 0x402900, "data"), (0x402900, 0x404000, "bss")]),
    "inside": (0x400200, [load(R | X, 0, 0x400000, 0x5000, 0x5000), load(R | W, 0x6000, 0x402000, 0x900, 0x1800)],
               0x6900, 0x200, {},
               [(0x400000, 0x402000, "text"), (0x402000, 0x402900, "data"), (0x402900, 0x404000, "bss"),
                (0x404000, 0x405000, "text")]),
    "same-address": (0x400200, [load(R | X, 0, 0x400000, 0x300, 0x300), load(R | W, 0x1000, 0x402000, 0x100, 0x100),
                                load(R, 0x2000, 0x402000, 0x1100, 0x1100)], 0x3100, 0x200, {},
                     [(0x400000, 0x401000, "text"), (0x402000, 0x404000, "rodata")]),
    "past-end": (0x400200, [load(R | X, 0, 0x400000, 0x1800, 0x1800),
                            load(R | W, 0x1800, 0x403800, 0x1000, 0x1000)], 0x1a00, 0x200, {},
                 [(0x400000, 0x402000, "text"), (0x403000, 0x405000, "data")]),
    "all-past-end": (0x400200, [FIRST, load(R, 0x9000, 0x405000, 0x1000, 0x1000)], 0x300, 0x200, {},
                     [(0x400000, 0x401000, "text"), (0x405000, 0x406000, "rodata")]),
    "bss-past-end": (0x400200, [FIRST, load(R | W, 0x4000, 0x404000, 0, 0x2000)], 0x300, 0x200, {},
                     [(0x400000, 0x401000, "text"), (0x404000, 0x406000, "bss")]),
    "many": (0x40ff00, [load(R | X, 0, 0x400000, 0x10000, 0x10000),
                        *(load(R | W, 0x10000, 0x500000 + i * 0x2000, 0x100, 0x100) for i in range(300))],
             0x10100, 0xff00, {},
             [(0x400000, 0x410000, "text"),
              *((0x500000 + i * 0x2000, 0x501000 + i * 0x2000, "data") for i in range(300))]),
    # As many headers as the kernel accepts: 64K of them.
    "most": (0x41ff00, [load(R | X, 0, 0x400000, 0x20000, 0x20000),
                        *(load(R | W, 0x20000, 0x500000 + i * 0x2000, 0x100, 0x100) for i in range(1169))],
             0x20100, 0x1ff00, {},
             [(0x400000, 0x420000, "text"),
              *((0x500000 + i * 0x2000, 0x501000 + i * 0x2000, "data") for i in range(1169))]),
    "no-access": (0x400200, [FIRST, load(0, 0, 0x401000, 0, 0x3000), load(R | W, 0, 0x404000, 0x300, 0x1300)],
                  0x300, 0x200, {},
                  [(0x400000, 0x401000, "text"), (0x401000, 0x404000, ("reserved", "bss")),
                   (0x404000, 0x404300, "data"), (0x404300, 0x406000, "bss")]),
    "no-access-in-file": (0x400200, [FIRST, load(0, 0, 0x401000, 0x300, 0x300)], 0x300, 0x200, {},
                          [(0x400000, 0x401000, "text"), (0x401000, 0x402000, "reserved")]),
    "room-for-code": (0x400200, [FIRST, load(R | W | X, 0, 0x800000, 0, 0x10000)], 0x300, 0x200,
                      {"tail": TAIL, "sections_at": 0x320, "n_sections": 4, "names": 3},
                      [(0x400000, 0x400200, "rodata"), (0x400200, 0x401000, "text"), (0x800000, 0x810000, "bss")]),
}
WARNED = {"past-end": "elf-cut", "all-past-end": "elf-cut"}


def kinds_of(target):
    """(start, end, kind) of the program's regions, with neighbours of one kind joined."""
    joined = []
    for region in target["regions"]:
        start, end = int(region["start"], 16), int(region["end"], 16)
        if start >= 0x10000000:
            continue
        if joined and joined[-1][1:] == (start, region["kind"]):
            start = joined.pop()[0]
        joined.append((start, end, region["kind"]))
    return joined


def check(found, wanted):
    assert len(found) == len(wanted), found
    for (start, end, kind), (wanted_start, wanted_end, kinds) in zip(found, wanted, strict=True):
        assert (start, end) == (wanted_start, wanted_end) and kind in (kinds if isinstance(kinds, tuple) else [kinds])


@pytest.fixture(name="program", params=PROGRAMS)
def fixture_program(request, tmp_path):
    entry, loads, size, at, options, wanted = PROGRAMS[request.param]
    path = tmp_path / request.param
    write(path, entry, loads, size, at, **options)
    return path, wanted


def joined_neighbours(spans):
    """Join neighbours of one kind, even from several segments, as kinds_of() does."""
    joined = []
    for start, end, kind in spans:
        if joined and joined[-1][1:] == (start, kind):
            start = joined.pop()[0]
        joined.append((start, end, kind))
    return joined


def test_as_a_file(program):
    path, wanted = program
    code = WARNED.get(path.name)
    target, = memmap_json(path, status=3 if code else 0)["targets"]
    check(kinds_of(target), joined_neighbours(wanted))
    assert [note["code"] for note in target["notes"]] == ([code] if code else [])


def test_running(program):
    """The kernel runs the program, so memmap shows it as a module."""
    path, wanted = program
    if os.uname().machine != "x86_64":
        missing("x86-64")
    with subprocess.Popen([path]) as child:
        while not os.path.samefile(f"/proc/{child.pid}/exe", path):
            time.sleep(0.001)
        try:
            target, = memmap_json(child.pid)["targets"]
            own = [m for m in read_mappings(child.pid) if m.start < 0x10000000]
        finally:
            child.kill()
    check(kinds_of(target), joined_neighbours(wanted))
    assert {m.end for m in own} <= {int(region["end"], 16) for region in target["regions"]}
    assert all(region["module"] == 0 for region in target["regions"] if int(region["start"], 16) < 0x10000000)


def test_sections_after_the_65536th(tmp_path):
    """All 70000 sections of a file are shown."""
    n = 70000
    (tmp_path / "a.s").write_text(".globl _start\n.text\n_start: jmp _start\n" + "".join(
        f'.section .d{i},"aw"\n.globl v{i}\nv{i}: .long 1\n' for i in range(n)))
    need("as", "ld")
    subprocess.run(["as", "-o", "a.o", "a.s"], check=True, cwd=tmp_path)
    subprocess.run(["ld", "--unique", "-o", "a", "a.o"], check=True, cwd=tmp_path)
    run = memmap("-S", "-n", "-r", tmp_path / "a", text=True)
    assert run.returncode == 0
    assert len(re.findall(r" \.d\d+ ", run.stdout)) == n
    first, last = memmap_json("--at", "v0", "--at", f"v{n - 1}", tmp_path / "a")["targets"][0]["at"]
    assert (first["section"], last["section"]) == (".d0", f".d{n - 1}")


MIXED = ("PHDRS {{ h PT_LOAD FILEHDR PHDRS FLAGS(4); t PT_LOAD FLAGS(5); }} SECTIONS {{ . = 0x400000 + SIZEOF_HEADERS;"
         " .n : {{ LONG(1) }} :h . = 0x401000; {order} /DISCARD/ : {{ *(*) }} }}")
ORDERS = {
    "constants-last": ".text : { *(.text) } :t .rodata : { *(.rodata*) } :t .eh_frame : { *(.eh_frame) } :t",
    "constants-first": ".rodata : { *(.rodata*) } :t .text : { *(.text) } :t",
    "constants-around": ".rodata : { *(.rodata*) } :t .text : { *(.text) } :t .eh_frame : { *(.eh_frame) } :t",
    "constants-apart": ".text : { *(.text) } :t",
}


@pytest.mark.parametrize("order", ORDERS)
def test_code_and_constants_anywhere_in_the_file(tmp_path, order):
    """patchelf and llvm-bolt make segments of code and constants that do not start where the file does."""
    (tmp_path / "a.c").write_text("const int table[4000] = {1}; int _start(void) { for (;;); return table[1]; }\n")
    (tmp_path / "l.ld").write_text(MIXED.format(order=ORDERS[order]))
    subprocess.run([need("gcc"), "-O0", "-nostdlib", "-fno-pie", "-no-pie", "-static", "-Wl,-T,l.ld,--build-id=none",
                    "-o", "a", "a.c"], check=True, cwd=tmp_path)
    check_by_sections(tmp_path / "a")


def check_by_sections(path):
    """Check that each section of an executable segment is text or rodata, according to readelf's flags."""
    text = subprocess.run([need("readelf"), "-SW", path], check=True, capture_output=True, text=True).stdout
    found = re.findall(r"\] (\S+) +(\w+) +([0-9a-f]+) \w+ ([0-9a-f]+) \w\w +(A?X?A?) +\d", text)
    target, = memmap_json(path)["targets"]
    n = 0
    for name, kind, address, size, flags in found:
        start, end = int(address, 16), int(address, 16) + int(size, 16)
        if kind == "NOBITS" or "A" not in flags or start == end:
            continue
        for at in (start, end - 1):
            region, = (region for region in target["regions"]
                       if int(region["start"], 16) <= at < int(region["end"], 16))
            if "x" not in region["perms"]:
                continue
            assert region["kind"] == ("text" if "X" in flags else "rodata"), (name, region)
            n += 1
    assert n >= 2


@pytest.mark.parametrize("options", [["--set-rpath", "/" + "x" * 3000], ["--add-needed", "libm.so.6"],
                                     ["--set-interpreter", "/lib64/../lib64/../lib64/ld-linux-x86-64.so.2"]])
def test_patched(tmp_path, options):
    (tmp_path / "a.c").write_text("int main(void) { return 0; }\n")
    program = tmp_path / "a"
    for flags in (["-Wl,-z,noseparate-code", "-no-pie"], ["-pie"], ["-no-pie"]):
        subprocess.run([need("gcc"), "-o", program, *flags, tmp_path / "a.c"], check=True)
        subprocess.run([need("patchelf"), *options, program], check=True)
        check_by_sections(program)


def test_optimised(tmp_path):
    """llvm-bolt moves code to another segment, with everything that belongs to the code."""
    bolt = next(iter(sorted(Path("/usr/bin").glob("llvm-bolt*[0-9]"))), None) or missing("llvm-bolt-15 (bolt-15)")
    (tmp_path / "a.c").write_text("int f(int x) { return x * 3; }\nint main(int c, char **v) { return f(c) + !v; }\n")
    for flags in (["-pie"], ["-no-pie"]):
        subprocess.run([need("gcc"), "-O1", "-Wl,-q", *flags, "-o", tmp_path / "a", tmp_path / "a.c"], check=True)
        subprocess.run([bolt, tmp_path / "a", "-o", tmp_path / "b"], check=True, capture_output=True)
        check_by_sections(tmp_path / "b")


@pytest.mark.parametrize("linker", ["lld", "bfd", "gold", "mold"])
def test_copies_of_constants(tmp_path, linker):
    """lld puts copies of constants into .bss.rel.ro, other linkers elsewhere: in RELRO they are not padding."""
    need(f"ld.{linker}" if linker != "mold" else "mold")
    (tmp_path / "l.c").write_text("const int v[600] = {1, 2};\n")
    (tmp_path / "m.c").write_text("extern const int v[600]; int main(void) { return v[1]; }\n")
    subprocess.run([need("gcc"), "-shared", "-fPIC", "-o", "l.so", "l.c"], check=True, cwd=tmp_path)
    done = subprocess.run([need("gcc"), "-fno-pie", "-no-pie", f"-fuse-ld={linker}", "-Wl,-z,now", "-o", "m", "m.c",
                           "./l.so"], check=False, cwd=tmp_path)
    if done.returncode != 0:
        missing(f"a gcc that knows {linker}")
    path = tmp_path / "m"
    place, = memmap_json("--at", "v", path)["targets"][0]["at"]
    elf = elf_of(path)
    address = int(place["address"], 16)
    section, = (section for section in elf.sections if section.start <= address < section.end)
    assert place["section"] == section.name
    if section.start < elf.relro.start or section.end > elf.relro.end:
        return
    assert place["region"]["kind"] == "relro"
    module, = memmap_json("-m", path)["targets"][0]["modules"]
    assert module["relro"] >= 2400
    load, = (load for load in elf.loads if load.start <= address < load.end)
    assert (place["file_offset"] is None) == (address >= load.file_end)
