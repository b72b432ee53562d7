# SPDX-License-Identifier: MIT
"""Builds truth programs in every way that gives a different layout of segments."""
import shutil
from pathlib import Path

from conftest import TESTS, need, need_64_bit
from helpers.programs import environment_of_go, need_libraries, run
from helpers.readelf import remove_sections

TRUTH = TESTS / "truth"

LINKERS = ("bfd", "gold", "lld", "mold")
LAYOUTS = {
    "default": [],
    "pie": ["-fPIE", "-pie"],
    "fixed": ["-fno-pie", "-no-pie"],
    "static": ["-fno-pie", "-static"],
    "static-pie": ["-fPIE", "-static-pie"],
    "noseparate": ["-Wl,-z,noseparate-code"],
    "rosegment": ["-Wl,--rosegment"],
    "no-rosegment": ["-Wl,--no-rosegment"],
    "norelro": ["-Wl,-z,norelro"],
    "now": ["-Wl,-z,now"],
    "big-pages": ["-Wl,-z,max-page-size=0x200000"],
    "tiny-bss": ["-DTINY_BSS"],
    "no-data": ["-DNO_DATA", "-nostartfiles", "-Wl,-z,now"],
    "stripped": ["-s"],
    "no-sections": [],
    "noseparate-no-sections": ["-Wl,-z,noseparate-code"],
}
# Layouts that a linker does not support: gold has one segment for code and constants by default.
UNKNOWN = {
    "bfd": {"rosegment", "no-rosegment"},
    "gold": {"static-pie", "noseparate", "noseparate-no-sections", "no-rosegment"},
    "lld": {"rosegment"},
    "mold": {"rosegment", "no-rosegment"},
}


def variant_id(variant):
    """A name for a compiler, a linker and a layout."""
    return "-".join(filter(None, variant))


def compiler(name, linker, layout):
    """The command for a compiler, a linker (None: the compiler's default) and a layout, without sources."""
    if linker == "lld" and layout == "static-pie":
        need_64_bit("what lld 14 makes of this for i386 crashes")
    command = [need(name), *LAYOUTS[layout]]
    need_libraries(*command)
    if linker:
        need(f"ld.{linker}")
        command.append(f"-fuse-ld={linker}")
    return command


def build_program(output, name, linker, layout):
    run(*compiler(name, linker, layout), "-o", output, TRUTH / "program.c")
    if layout.endswith("no-sections"):
        remove_sections(output)
    return output


def build_memory(output):
    run(*compiler("gcc", None, "default"), "-o", output, TRUTH / "memory.c")
    return output


def build_symbols(output, name, linker, layout):
    """The symbols that other modules may use remain even when the program is stripped."""
    if (name, linker) == ("clang", "bfd"):
        need_64_bit("clang 14 calls indirect functions for i386 in a way that ld refuses")
    options = [] if "static" in layout else ["-rdynamic"]
    run(*compiler(name, linker, layout), *options, "-O2", "-g", "-o", output, TRUTH / "symbols.c")
    if layout.endswith("no-sections"):
        remove_sections(output)
    return output


def build_loader(output, name, linker, layout):
    """The command that runs a loader. Its libraries are copies of one file, one for each way to load it."""
    library = output.with_name("started.so")
    run(*compiler(name, linker, layout), "-fPIC", "-shared", "-o", library, TRUTH / "library.c")
    run(*compiler(name, None, "default"), "-o", output, TRUTH / "loader.c", library)
    if layout.endswith("no-sections"):
        remove_sections(library)
    return [output, library, *(copy(library, f"{way}.so") for way in ("opened", "remapped", "spaced"))]


def build_go(output, mode):
    run(need("go"), "build", f"-buildmode={mode}", "-o", output, TRUTH / "program.go", env=environment_of_go())
    return output


def build_rust(output):
    run(need("rustc"), "-o", output, TRUTH / "program.rs")
    return output


def copy(path, name):
    """A copy of a file, which a loader takes for another module."""
    return Path(shutil.copy(path, path.with_name(name)))
