# SPDX-License-Identifier: MIT
"""Shared by the tests of costs: processes of two sizes. The slope between them is the cost of a mapping."""
import contextlib
import os

from conftest import Process

TARGET = os.environ.get("BENCH_TARGET", "")  # target.c, built; meson sets it

# Below powers of two, at which arrays grow: the slope then includes one doubling, as it should.
SMALL, BIG = 4000, 8000

# Without two variables from meson: one makes malloc() fill memory, the other makes the loader search more directories
# for memmap's libraries. And without the files of a locale.
ENVIRONMENT = {**os.environ, "LC_ALL": "C"}
ENVIRONMENT.pop("MALLOC_PERTURB_", None)
ENVIRONMENT.pop("LD_LIBRARY_PATH", None)


@contextlib.contextmanager
def sizes(mode, *paths):
    """PIDs of two targets that differ only in the number of their mappings."""
    with Process([TARGET, mode, str(SMALL), *paths]) as small, \
            Process([TARGET, mode, str(BIG), *paths]) as big:
        yield small.pid, big.pid


def slope(small, big):
    """The cost per mapping of anything that was counted on both processes."""
    return (big - small) / (BIG - SMALL)
