# SPDX-License-Identifier: MIT
"""Files for other machines, with either width, either byte order and other page sizes.

clang compiles for all of them, and each has its own linker; no C library is needed.
"""
import re
import subprocess
from typing import NamedTuple

import pytest

from conftest import memmap, memmap_json, missing, need
from helpers.elf_files import check_files
from helpers.programs import run
from helpers.readelf import elf_of

SOURCE = """
const int constants[2000] = { 1, 2 };
int initialised[700] = { 3 };
int zeros[9000];
int *const pointer = initialised;
int *const *volatile seen = &pointer;

void _start(void)
{
    for (;;)
        zeros[1] += constants[initialised[1]] + **seen;
}
"""


class Machine(NamedTuple):
    target: str
    linker: str
    options: tuple
    bits: int
    byte_order: str
    name: str


def bfd(arch, bits, byte_order, name, target=None, *options):
    return Machine(target or arch, f"{arch}-ld", options, bits, byte_order, name)


def lld(target, bits, byte_order, name):
    return Machine(target, "ld.lld", (), bits, byte_order, name)


MACHINES = [
    bfd("aarch64-linux-gnu", 64, "little", "AArch64"),
    bfd("arm-linux-gnueabihf", 32, "little", "ARM"),
    bfd("i686-linux-gnu", 32, "little", "i386"),
    bfd("m68k-linux-gnu", 32, "big", "m68k"),
    bfd("mips-linux-gnu", 32, "big", "MIPS"),
    bfd("powerpc64le-linux-gnu", 64, "little", "PowerPC64"),
    bfd("powerpc64le-linux-gnu", 64, "big", "PowerPC64", "powerpc64-linux-gnu", "-melf64ppc"),
    bfd("riscv64-linux-gnu", 64, "little", "RISC-V"),
    bfd("riscv64-linux-gnu", 32, "little", "RISC-V", "riscv32-linux-gnu", "-melf32lriscv"),
    bfd("s390x-linux-gnu", 64, "big", "S/390"),
    bfd("sparc64-linux-gnu", 64, "big", "SPARC V9"),
    lld("aarch64-linux-gnu", 64, "little", "AArch64"),
    lld("arm-linux-gnueabihf", 32, "little", "ARM"),
    lld("mips64el-linux-gnuabi64", 64, "little", "MIPS"),
    lld("powerpc-linux-gnu", 32, "big", "PowerPC"),
    lld("riscv64-linux-gnu", 64, "little", "RISC-V"),
    lld("sparc64-linux-gnu", 64, "big", "SPARC V9"),
]
# The options of a linker, and the type of the file that it makes.
LAYOUTS = {
    "fixed": ((), "executable"),
    "pie": (("-pie", "-z", "now"), "position-independent executable"),
    "shared": (("-shared", "-soname", "a"), "shared object"),
    "separate": (("-z", "separate-code", "-pie"), "position-independent executable"),
    "norelro": (("-z", "norelro", "-pie"), "position-independent executable"),
    "small-pages": (("-z", "max-page-size=4096", "-shared"), "shared object"),
    "large-pages": (("-z", "max-page-size=0x200000"), "executable"),
}


def variant_id(variant):
    if isinstance(variant, Machine):
        return variant.target + ("-lld" if variant.linker == "ld.lld" else "")
    return variant


# Layouts that a linker cannot make: m68k reaches its GOT with 16 bits, and lld's port to SPARC is unfinished.
# Small pages on SPARC V9 are half a page: test_pages_too_small() tests those.
UNKNOWN = {("m68k-linux-gnu", "large-pages"), ("sparc64-linux-gnu", "small-pages"),
           ("sparc64-linux-gnu-lld", "shared"), ("sparc64-linux-gnu-lld", "small-pages")}
VARIANTS = [(machine, layout) for machine in MACHINES for layout in LAYOUTS
            if (variant_id(machine), layout) not in UNKNOWN]


def need_lld_for_sparc(command, directory):
    """lld 14 makes a position-independent file from this source, but lld 19 refuses to."""
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=directory)
    if "relocation R_SPARC_64 cannot be used" in done.stderr:
        missing("a version of lld that makes position-independent code for SPARC")


def link(directory, machine, layout):
    """Compile and link the source for the machine; return the path of the file."""
    options, _ = LAYOUTS[layout]
    if machine.linker == "ld.lld" and layout == "separate":
        options = ("-z", "separate-loadable-segments", "-pie")
    clang, linker = need("clang", machine.linker)
    (directory / "source.c").write_text(SOURCE)
    # With clang's own assembler: for SPARC, clang 14 would call the one of binutils.
    run(clang, f"--target={machine.target}", "-fintegrated-as", "-ffreestanding", "-fPIC", "-O1", "-c",
        "source.c", cwd=directory)
    command = [linker, *machine.options, "-e", "_start", *options, "-o", layout, "source.o"]
    if variant_id(machine) == "sparc64-linux-gnu-lld" and "-pie" in options:
        need_lld_for_sparc(command, directory)
    run(*command, cwd=directory)
    return directory / layout


@pytest.mark.parametrize(("machine", "layout"), VARIANTS, ids=variant_id)
def test_machine(tmp_path, machine, layout):
    path = link(tmp_path, machine, layout)
    observed, = check_files(path)
    assert {"text", "rodata", "data", "bss"} <= {region.kind for region in observed.regions}
    target, = memmap_json(path)["targets"]
    segments = run(need("readelf"), "-lW", path)
    interpreter = re.search(r"Requesting program interpreter: (.*)\]$", segments, re.M)
    assert target["elf"] == {
        "type": LAYOUTS[layout][1], "bits": machine.bits, "byte_order": machine.byte_order,
        "machine": machine.name, "interpreter": interpreter[1] if interpreter else None,
        "build_id": elf_of(path).build_id}


@pytest.mark.parametrize("machine", MACHINES, ids=variant_id)
def test_heading(tmp_path, machine):
    heading, *_ = memmap(link(tmp_path, machine, "fixed"), text=True).stdout.splitlines()
    assert f"fixed: ELF {machine.bits}-bit {machine.byte_order}-endian {machine.name} executable, " in heading


def sections_of(path):
    """The sizes of the loaded sections according to readelf, without those that lld itself calls padding."""
    text = run(need("readelf"), "-SW", path)
    found = re.findall(r"^ +\[ *\d+\] (\.\S+) +\w+ +[0-9a-f]+ [0-9a-f]+ ([0-9a-f]+) \w\w +([A-Za-z]*) +"
                       r"\d+ +\d+ +\d+$", text, re.M)
    return {name: int(size, 16) for name, size, flags in found
            if "A" in flags and int(size, 16) and name != ".relro_padding"}


@pytest.mark.parametrize("machine", MACHINES, ids=variant_id)
def test_sections(tmp_path, machine):
    """Each section is one region, or several if pages or access rights divide it."""
    path = link(tmp_path, machine, "pie")
    target, = memmap_json("-S", path)["targets"]
    sizes = {}
    for region in target["regions"]:
        if region["section"]:
            size = region["size"] - region["padding"]
            sizes[region["section"]] = sizes.get(region["section"], 0) + size
    assert sizes == sections_of(path)


def test_pages_too_small(tmp_path):
    """A segment cannot be mapped if it begins at different offsets in a page of the file and of memory."""
    machine, = (machine for machine in MACHINES if machine.linker == "sparc64-linux-gnu-ld")
    target, = memmap_json(link(tmp_path, machine, "small-pages"))["targets"]
    assert target["page_size"] == 8192
    note, = target["notes"]
    assert note["code"] == "elf-unaligned" and note["text"].startswith("1 segment has different offsets ")
    for region in target["regions"]:
        is_mapped = region["kind"] in ("text", "rodata")
        assert (region["offset"] is not None) == is_mapped, region
