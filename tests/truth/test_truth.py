# SPDX-License-Identifier: MIT
"""memmap compared with programs that report where their own code and data are, with readelf and with the kernel."""
import tempfile
from pathlib import Path

import pytest

from helpers import layouts as build
from helpers.kernel import PAGE
from helpers.readelf import elf_of
from helpers.truth import check, holder, no_aslr

LAYOUTS = [layout for layout in build.LAYOUTS if layout not in ("default", "no-data")]
# One compiler with every linker and layout; a few suffice to show what the others do differently.
PROGRAMS = [
    *(("gcc", linker, layout) for linker in build.LINKERS for layout in LAYOUTS
      if layout not in build.UNKNOWN[linker]),
    *(("clang", linker, layout) for linker in build.LINKERS
      for layout in ("pie", "fixed", "static", "no-sections")),
    *(("musl-gcc", None, layout) for layout in ("pie", "static", "noseparate", "big-pages")),
    *(("i686-linux-gnu-gcc", None, layout) for layout in ("pie", "fixed", "static", "big-pages")),
    ("go", None, "exe"),
    ("go", None, "pie"),
    ("rustc", None, "default"),
]


@pytest.fixture(scope="module", params=PROGRAMS, ids=build.variant_id)
def program(request):
    """A truth program, built as the parameter says."""
    name, linker, layout = request.param
    with tempfile.TemporaryDirectory() as directory:
        output = Path(directory).resolve() / "program"
        if name == "go":
            build.build_go(output, layout)
        elif name == "rustc":
            build.build_rust(output)
        else:
            build.build_program(output, name, linker, layout)
        yield output


def test_program(program):
    check(program)


def test_program_without_aslr(program):
    check(*no_aslr(), program)


def test_bss_within_the_last_page_of_the_file(tmp_path):
    """A .bss that ends within the last page of the file has no mapping of its own."""
    program = build.build_program(tmp_path / "program", "gcc", "bfd", "tiny-bss")
    segment = elf_of(program).loads[-1]
    assert segment.file_end < segment.end and segment.file_end // PAGE == (segment.end - 1) // PAGE
    observed = check(program)
    names = [region.name for region in observed.regions if region.kind == "bss"
             and observed.modules[region.module].path == str(program)]
    assert names == [str(program)]


def test_heap_follows_bss_at_once(tmp_path):
    """Without ASLR nothing lies between the last page of .bss and the heap."""
    program = build.build_program(tmp_path / "program", "gcc", "bfd", "pie")
    observed = check(*no_aslr(), program)
    heap = min(region.start for region in observed.regions if region.kind == "heap")
    assert holder(observed.regions, heap - 1).kind == "bss"


def test_memory(tmp_path):
    """Every kind of memory that belongs to no module is classified correctly."""
    program = build.build_memory(tmp_path / "memory")
    plain = tmp_path / "plain"
    plain.write_bytes(bytes(2 * PAGE + 1))
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as shared:
        shared.write(bytes(2 * PAGE + 1))
        shared.flush()
        check(program, plain, shared.name, build.copy(program, "mapped-elf"))
