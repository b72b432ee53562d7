# SPDX-License-Identifier: MIT
"""Programs and libraries in every layout that compilers and linkers of this machine make."""
import pytest

from helpers import layouts as build
from helpers.elf_files import check_files

PROGRAMS = [
    *(("gcc", linker, layout) for linker in build.LINKERS for layout in build.LAYOUTS
      if layout not in ("default", "no-data", *build.UNKNOWN[linker])),
    *(("clang", linker, layout) for linker in build.LINKERS for layout in ("pie", "fixed", "static")),
    *(("musl-gcc", None, layout) for layout in ("pie", "static", "noseparate", "big-pages")),
    *(("i686-linux-gnu-gcc", None, layout) for layout in ("pie", "fixed", "static", "big-pages")),
]
LIBRARIES = [
    *(("gcc", linker, layout) for linker in build.LINKERS
      for layout in ("default", "noseparate", "norelro", "big-pages", "no-sections")
      if layout not in build.UNKNOWN[linker]),
    ("gcc", "lld", "no-data"),
    ("gcc", "mold", "no-data"),
    ("musl-gcc", None, "default"),
]


@pytest.mark.parametrize("variant", PROGRAMS, ids=build.variant_id)
def test_program(tmp_path, variant):
    check_files(build.build_program(tmp_path / "program", *variant))


@pytest.mark.parametrize("variant", LIBRARIES, ids=build.variant_id)
def test_library(tmp_path, variant):
    loader, library, *_ = build.build_loader(tmp_path / "loader", *variant)
    check_files(loader, library)


@pytest.mark.parametrize("mode", ["exe", "pie"])
def test_go(tmp_path, mode):
    check_files(build.build_go(tmp_path / "program", mode))


def test_rust(tmp_path):
    check_files(build.build_rust(tmp_path / "program"))
