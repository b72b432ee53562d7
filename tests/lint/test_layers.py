# SPDX-License-Identifier: MIT
"""The folders of src/ are layers: an include goes down or sideways, never up. The folders of tests/ mirror them."""
import re

import pytest

from conftest import ROOT, TESTS

SRC = ROOT / "src"

# From the bottom up: folders of src/, and main.c.
LAYERS = [
    ["base"],
    ["model"],
    ["source"],
    ["elf", "heap", "pages", "runtime"],
    ["core", "proc", "unwind"],
    ["analysis"],
    ["check"],
    ["inspect"],
    ["output", "views"],
    ["snapshot"],
    ["front"],
    ["commands"],
    ["main.c"],
]
BUILD_HELPERS = {"soname.c"}  # run while the build is set up; not part of the program
GENERATED = {"config.h"}

# Folders of tests/ that have no counterpart in src/.
OF_THE_WHOLE = {"bench", "lint", "truth"}

# Headers of libraries, and the only files that may include them.
LIBRARIES = {
    r"elfutils/debuginfod\.h": {"elf/debug_file.c"},
    r"lzma\.h": {"elf/xz.c"},
    r"jansson\.h": {"snapshot/jansson.h"},
    r"libiberty/.*": {"elf/demangle.c"},
    r"(libelf|gelf)\.h": {
        "core/core_file.c",
        "elf/build_id.h", "elf/function_descriptors.c", "elf/function_descriptors.h", "elf/dynamic.c", "elf/dynamic.h",
        "elf/file_header.c", "elf/handle.c", "elf/handle.h", "elf/image_sections.h", "elf/image_segments.h",
        "elf/read_image.c", "elf/symbol_versions.c", "elf/symbol_versions.h", "elf/symbols.c", "elf/symtab.c",
        "elf/symtab.h", "elf/section_names.h", "elf/security_traits.c", "unwind/libdw.h"},
    r"(dwarf|elfutils/libdw.*)\.h": {"unwind/libdw.h"},
    r"sys/ptrace\.h": {"proc/trace.c"},
    r"libproc2/.*": {"proc/process_list.c", "proc/soname.c"},
    r"dlfcn\.h": {"base/load_library.c", "proc/soname.c"},
}


def name_of(path):
    return str(path.relative_to(SRC))


def layer_of(name):
    folder = name.split("/")[0]
    return next(i for i, folders in enumerate(LAYERS) if folder in folders)


def sources():
    return sorted(path for path in SRC.rglob("*.[ch]") if path.name not in BUILD_HELPERS)


def includes(path, marks):
    return re.findall(rf'^\s*#\s*include\s+[{marks}](.*?)[>"]', path.read_text(), re.MULTILINE)


def test_layers_name_what_there_is():
    named = sorted(name for folders in LAYERS for name in folders)
    assert named == sorted({name_of(path).split("/")[0] for path in sources()})


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_includes_go_down(path):
    for name in includes(path, '"'):
        if name not in GENERATED:
            assert (SRC / name).exists(), f"{name_of(path)} includes {name}, not by its path below src/"
            assert layer_of(name) <= layer_of(name_of(path)), f"{name_of(path)} includes {name}"


@pytest.mark.parametrize("path", sources(), ids=name_of)
def test_libraries(path):
    for name in includes(path, '<"'):
        for pattern, allowed in LIBRARIES.items():
            assert not re.fullmatch(pattern, name) or name_of(path) in allowed, f"{name_of(path)} includes {name}"


def test_tests_mirror_the_sources():
    """Every folder exists in src/, too, or concerns the whole; the tests of X.c are in the folder of X.c."""
    folders = {path.parent.name for path in TESTS.glob("*/test_*.*")}
    assert folders <= {path.name for path in SRC.iterdir()} | OF_THE_WHOLE
    for path in TESTS.glob("*/test_*.c"):
        folder, name = path.parent.name, path.name.removeprefix("test_")
        assert (SRC / folder / name).exists() or name == f"{folder}.c", path


@pytest.mark.parametrize("path", sorted(TESTS.glob("*/test_*.*")), ids=lambda path: path.name)
def test_every_test_is_run(path):
    """Every file is in a list of meson: otherwise it would never run."""
    name = path.stem.removeprefix("test_")
    assert re.search(rf"'(test_)?{name}(\.py)?'", (path.parent / "meson.build").read_text()), path


def test_no_two_tests_share_a_name():
    """File names are unique: pytest identifies a file by its name, whatever its folder."""
    names = [path.name for path in TESTS.rglob("test_*.*")]
    assert sorted(set(names)) == sorted(names)


def test_licence():
    for path in [*SRC.rglob("*.[ch]"), *TESTS.rglob("*.py"), *TESTS.rglob("*.c")]:
        assert "SPDX-License-Identifier: MIT" in "".join(path.read_text().splitlines()[:2]), path
