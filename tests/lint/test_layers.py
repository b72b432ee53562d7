# SPDX-License-Identifier: MIT
"""Files of src/ stand in layers; an include goes down or sideways, never up."""
import re

import pytest

from conftest import ROOT

SRC = ROOT / "src"

LAYERS = [
    ("base", """
        demangle error figure json kind library
        machine mem need out range text util
        vmflags
    """),
    ("facts", """
        addrspace control_block debug_file elf_handle elf_header elf_image find_site
        frames libdw libdw_session no_frames open_object pagemap
        parse_auxv parse_maps parse_mounts parse_smaps parse_status proc
        proclist read_elf_file read_frames read_headers read_heaps read_limits read_objects
        read_page_runs read_pages read_places read_process read_registers read_stacks
        read_threads read_vdso recognise stack_guard stop_thread symbols unwind
        usage user
    """),
    ("thought", """
        apportion classify column explain extents function_use
        label measure modules stacks view
    """),
    ("output", """
        render_json render_table render_totals table view_at view_frames
        view_modules view_pages view_regions view_summary view_threads views
    """),
    ("front", """
        main options select
    """),
]
BUILD_HELPERS = {"soname"}  # run while the build is set up; no part of the program
GENERATED = {"config"}

# Headers of libraries, and the only files that may know them.
LIBRARIES = {
    r"elfutils/debuginfod\.h": {"debug_file.c"},
    r"libiberty/.*": {"demangle.c"},
    r"(libelf|gelf)\.h": {
        "elf_handle.c", "elf_handle.h", "elf_header.c", "elf_image.c", "libdw.h", "symbols.c"},
    r"(dwarf|elfutils/libdw.*)\.h": {"libdw.h"},
    r"sys/ptrace\.h": {"stop_thread.c", "read_registers.c"},
    r"libproc2/.*": {"proclist.c", "soname.c"},
    r"dlfcn\.h": {"library.c", "soname.c"},
}


def layer_of(path):
    found = [i for i, (_, names) in enumerate(LAYERS) if path.stem in names.split()]
    assert len(found) == 1, f"{path.name} stands in {len(found)} layers"
    return found[0]


def sources():
    return sorted(path for path in SRC.glob("*.[ch]") if path.stem not in BUILD_HELPERS)


def includes(path, marks):
    return re.findall(rf'^\s*#\s*include\s+[{marks}](.*?)[>"]', path.read_text(), re.MULTILINE)


def test_layers_name_existing_files():
    named = [name for _, names in LAYERS for name in names.split()]
    assert len(named) == len(set(named))
    assert set(named) | BUILD_HELPERS == {path.stem for path in SRC.glob("*.[ch]")}


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_includes_go_down(path):
    for name in includes(path, '"'):
        header = SRC / name
        if header.stem not in GENERATED:
            assert layer_of(header) <= layer_of(path), f"{path.name} includes {name}"


@pytest.mark.parametrize("path", sources(), ids=lambda path: path.name)
def test_libraries(path):
    for name in includes(path, '<"'):
        for pattern, allowed in LIBRARIES.items():
            assert not re.fullmatch(pattern, name) or path.name in allowed, f"{path.name} includes {name}"


def test_licence():
    for path in [*SRC.glob("*.[ch]"), *(ROOT / "tests").rglob("*.py"), *(ROOT / "tests").rglob("*.c")]:
        assert "SPDX-License-Identifier: MIT" in "".join(path.read_text().splitlines()[:2]), path
