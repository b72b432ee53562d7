# SPDX-License-Identifier: MIT
"""What the tests of costs share: processes of two sizes. What a mapping costs is the slope between."""
import contextlib
import os

from conftest import Process

TARGET = os.environ.get("BENCH_TARGET", "")  # target.c, built; meson sets it

# Below powers of two, between which arrays grow: the slope then has one doubling in it, as it should.
SMALL, BIG = 4000, 8000

# Without meson's wish that malloc() fill memory, and its path for libraries, which the loader searches for those of
# memmap; and with no files of a locale.
ENVIRONMENT = {**os.environ, "LC_ALL": "C"}
ENVIRONMENT.pop("MALLOC_PERTURB_", None)
ENVIRONMENT.pop("LD_LIBRARY_PATH", None)


@contextlib.contextmanager
def sizes(mode, *paths):
    """PIDs of two targets that differ in the number of their mappings alone."""
    with Process([TARGET, mode, str(SMALL), *paths]) as small, \
            Process([TARGET, mode, str(BIG), *paths]) as big:
        yield small.pid, big.pid


def slope(small, big):
    """Of anything that was counted on both, by mapping."""
    return (big - small) / (BIG - SMALL)
