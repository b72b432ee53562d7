# SPDX-License-Identifier: MIT
"""A file is shown as its module is in a running process, minus the bias."""
import pytest

from conftest import memmap_json
from helpers import layouts as build
from helpers.truth import observe, read_target

# No static musl: its loader leaves RELRO writable, which no header says.
PROGRAMS = [
    *(("gcc", linker, layout) for linker in build.LINKERS
      for layout in ("pie", "fixed", "static", "noseparate", "norelro", "now", "big-pages", "tiny-bss",
                     "no-sections")
      if layout not in build.UNKNOWN[linker]),
    ("gcc", "bfd", "static-pie"),
    ("musl-gcc", None, "pie"),
    ("i686-linux-gnu-gcc", None, "pie"),
    ("i686-linux-gnu-gcc", None, "fixed"),
]


def facts(regions, index, bias):
    return [(region.start - bias, region.end - bias, region.perms, region.kind, region.padding, region.basis,
             region.offset, region.inode) for region in regions if region.module == index]


@pytest.mark.parametrize("variant", PROGRAMS, ids=build.variant_id)
def test_program(tmp_path, variant):
    program = build.build_program(tmp_path / "program", *variant)
    observed = observe(program)
    index, = (i for i, module in enumerate(observed.modules) if module.path == str(program))
    running = observed.modules[index]
    target, = memmap_json(program)["targets"]
    regions, (module,) = read_target(target)
    assert facts(regions, 0, 0) == facts(observed.regions, index, running.bias)
    for key in ("text", "rodata", "relro", "data", "bss", "padding", "build_id"):
        assert getattr(module, key) == getattr(running, key), key


def test_library(tmp_path):
    """A library's file, too, is shown as it is in a running process."""
    loader, library, *others = build.build_loader(tmp_path / "loader", "gcc", "bfd", "default")
    observed = observe(loader, library, *others)
    target, = memmap_json(library)["targets"]
    regions, _ = read_target(target)
    index = next(i for i, module in enumerate(observed.modules) if module.path == str(library))
    assert facts(regions, 0, 0) == facts(observed.regions, index, observed.modules[index].bias)
