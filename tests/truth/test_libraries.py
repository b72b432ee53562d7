# SPDX-License-Identifier: MIT
"""Shared libraries in every layout, loaded in every possible way."""
import tempfile
from pathlib import Path

import pytest

from helpers import layouts as build
from helpers.readelf import elf_of
from helpers.truth import check, no_aslr

LAYOUTS = ("default", "noseparate", "rosegment", "no-rosegment", "norelro", "now", "big-pages", "stripped",
           "no-sections", "noseparate-no-sections")
LIBRARIES = [
    *(("gcc", linker, layout) for linker in build.LINKERS for layout in LAYOUTS
      if layout not in build.UNKNOWN[linker]),
    *(("clang", linker, "default") for linker in build.LINKERS),
    *(("gcc", linker, "no-data") for linker in ("lld", "mold")),
    *(("musl-gcc", None, layout) for layout in ("default", "big-pages")),
]


@pytest.fixture(scope="module", params=LIBRARIES, ids=build.variant_id)
def command(request):
    """A loader and its libraries: copies of one library, one for each way to load it."""
    with tempfile.TemporaryDirectory() as directory:
        loader, library, *others = build.build_loader(Path(directory).resolve() / "loader", *request.param)
        if "no-data" in request.param:
            assert any(load.start == load.file_end for load in elf_of(library).loads)
        yield [loader, library, *others]


def test_library(command):
    check(*command)


def test_library_without_aslr(command):
    check(*no_aslr(), *command)
