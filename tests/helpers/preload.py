# SPDX-License-Identifier: MIT
"""Libraries that the loader puts in front of those that memmap uses."""
import os
from pathlib import Path

from conftest import MEMMAP, missing


def preloaded(library):
    """What an environment needs to run memmap with a library. Its path has no blank, where to the loader it would end."""
    if b"libproc2.so" not in Path(MEMMAP).read_bytes():
        missing("a memmap that the loader links: with a static one nothing can be preloaded")
    sanitizer = os.environ.get("ASAN_OPTIONS", "")
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": sanitizer + ":verify_asan_link_order=0"}
