# SPDX-License-Identifier: MIT
"""A core file shows what the process reported about itself, and what memmap showed while it ran."""
import pytest

from helpers.cores import build_crash, core_target, gdb_core, kernel_core
from helpers.truth import holder, read_target

# Compilers and layouts.
PROGRAMS = [
    ("gcc", "pie"), ("gcc", "fixed"), ("gcc", "static"), ("gcc", "static-pie"), ("gcc", "noseparate"),
    ("musl-gcc", "pie"), ("musl-gcc", "static"), ("i686-linux-gnu-gcc", "pie"),
]
MAKERS = {"kernel": kernel_core, "gcore": gdb_core}


def places(regions, modules):
    return {(region.start, region.end): (region.kind, None if region.module is None else modules[region.module].path)
            for region in regions}


def agrees(perms, known):
    return all(a in (b, "?") for a, b in zip(perms, known))


def check_same(live, core, is_whole):
    """The core has the same regions; gdb leaves out those that can be read from elsewhere, and [vvar]."""
    regions, modules = read_target(core)
    seen, known = places(regions, modules), places(live.regions, live.modules)
    if is_whole:
        assert seen == known
    for place, what in seen.items():
        assert known[place] == what, f"{place[0]:x}-{place[1]:x}"
    perms = {(region.start, region.end): region.perms for region in live.regions}
    for region in regions:
        if region.kind != "vdso":
            assert agrees(region.perms, perms[region.start, region.end]), region
    # As the kernel counts: the vsyscall page, which the kernel puts into cores, belongs to no process.
    assert core["process"]["virtual"] == sum(region.end - region.start for region in regions if region.start < 1 << 63)
    return regions, modules


@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("variant", PROGRAMS, ids="-".join)
def test_program(tmp_path, variant, maker):
    program = build_crash(tmp_path, *variant)
    live, core = MAKERS[maker](tmp_path, program, "segv", *(["reserve"] if maker == "kernel" else []))
    regions, modules = check_same(live, core_target(core), maker == "kernel")
    for told in live.told:
        region = holder(regions, told.address)
        if told.kind == "heap" and variant[0] == "musl-gcc":
            continue  # musl's malloc() maps most of its memory
        assert region.kind == holder(live.regions, told.address).kind == told.kind, told
        assert (region.module is None) == (told.path is None), told
        assert told.path is None or modules[region.module].path == told.path
