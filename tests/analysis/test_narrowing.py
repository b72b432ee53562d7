# SPDX-License-Identifier: MIT
"""--kind, --range, --perms, --name: rows and totals cover only the regions that match."""
import fnmatch
import os

import pytest

from conftest import memmap, memmap_json
from helpers import vocabulary
from helpers.documents import KINDS, assert_sound, assert_totals, ends, target_of
from helpers.programs import build, start


@pytest.fixture(scope="module")
def process():
    with start("kinds.c") as process:
        yield process


@pytest.fixture(scope="module")
def whole(process):
    return target_of(process.pid)


def shown_name(target, region):
    """What the NAME column shows: the module's path if a region has no name of its own."""
    if region["name"] is None and region["module"] is not None:
        return target["modules"][region["module"]]["path"]
    return region["name"] or ""


def with_paths(target):
    """The regions with their modules' paths, since a module's index may depend on what is shown."""
    return [{**region, "module": region["module"] is not None and target["modules"][region["module"]]["path"]}
            for region in target["regions"]]


def narrowed(process, whole, *options, by):
    """Narrow by options: exactly the regions of `whole` that `by` accepts must be left, and neither all nor none."""
    target = target_of(*options, process.pid)
    assert_sound(target)
    assert_totals(target)
    assert with_paths(target) == [placed for placed, region in zip(with_paths(whole), whole["regions"])
                                  if by(region)]
    assert 0 < len(target["regions"]) < len(whole["regions"])
    rows = memmap("--raw", "--noheadings", "-o", "START", *options, process.pid).stdout.decode().split()
    assert [int(row, 16) for row in rows] == [ends(region)[0] for region in target["regions"]]
    return target


@pytest.mark.parametrize("kinds", ["text", "bss,data", "jit", "stack,vdso,shm", "text,text"])
@pytest.mark.parametrize("option", ["-k", "--kind"])
def test_kind(process, whole, option, kinds):
    narrowed(process, whole, option, kinds, by=lambda region: region["kind"] in kinds.split(","))


def test_every_kind(process, whole):
    assert target_of("--kind", ",".join(KINDS), process.pid)["regions"] == whole["regions"]


def test_kind_given_twice(process, whole):
    """A second --kind adds to the first."""
    target = narrowed(process, whole, "-k", "text", "-k", "shm", by=lambda region: region["kind"] in ("text", "shm"))
    assert {region["kind"] for region in target["regions"]} == {"text", "shm"}


PERMS = {
    "r-xp": lambda perms: perms == "r-xp",
    "---p": lambda perms: perms == "---p",
    "rw-s": lambda perms: perms == "rw-s",
    "?w?p": lambda perms: perms[1] == "w" and perms[3] == "p",
    "??x?": lambda perms: perms[2] == "x",
    "?-??": lambda perms: perms[1] == "-",
    "wx": lambda perms: "w" in perms and "x" in perms,
    "xw": lambda perms: "w" in perms and "x" in perms,
    "x": lambda perms: "x" in perms,
    "s": lambda perms: "s" in perms,
    "rwxp": lambda perms: perms == "rwxp",
    "p": lambda perms: "p" in perms,
}


@pytest.mark.parametrize("pattern", PERMS)
def test_perms(process, whole, pattern):
    narrowed(process, whole, "--perms", pattern, by=lambda region: PERMS[pattern](region["perms"]))


def assert_range(process, whole, spec, low, high):
    def overlaps(region):
        return ends(region)[0] < high and low < ends(region)[1]
    for option in ("-A", "--range"):
        narrowed(process, whole, option, spec, by=overlaps)


def test_range_of_one_address(process, whole):
    """LOW alone selects the region that holds it, from the region's first byte to its last."""
    address = int(next(line.split()[1] for line in process.lines if line.startswith("rwxp")), 16)
    for at in (address, address + 0x1234, address + (3 << 20) - 1):
        assert_range(process, whole, f"{at:x}", at, at + 1)
        assert_range(process, whole, f"0x{at:x}", at, at + 1)


def test_range_shows_regions_whole(process, whole):
    address = int(next(line.split()[1] for line in process.lines if line.startswith("r-xp")), 16)
    assert_range(process, whole, f"{address + 4096:x},{address + 8192:x}", address + 4096, address + 8192)


def test_range_over_several(process, whole):
    first, last = ends(whole["regions"][3]), ends(whole["regions"][7])
    assert_range(process, whole, f"{first[1] - 1:x},{last[0] + 1:x}", first[1] - 1, last[0] + 1)


def test_range_includes_its_end(process, whole):
    """HIGH is the last address of the range, not the one after it."""
    begin, _ = ends(whole["regions"][4])
    low = ends(whole["regions"][3])[1] - 1
    assert_range(process, whole, f"{low:x},{begin:x}", low, begin + 1)
    assert_range(process, whole, f"{low:x},{begin - 1:x}", low, begin)


def test_range_without_an_end(process, whole):
    """`LOW,` is everything from there, as in pmap."""
    low = ends(whole["regions"][5])[0]
    assert_range(process, whole, f"{low:x},", low, 1 << 64)


def test_range_of_nothing(process):
    target = target_of("--range", "0,1000", process.pid)
    assert target["regions"] == []
    assert_totals(target)


@pytest.mark.parametrize("glob", [
    "*/libc.so*", "libc.so.6", "*libc*", "lib*", "[[]stack]", "*stack*", "ld-*", "l?bc.*"])
def test_name(process, whole, glob):
    """A glob is matched against the whole name shown, and against its last component."""
    def matches(region):
        name = shown_name(whole, region)
        return any(fnmatch.fnmatchcase(text, glob) for text in (name, os.path.basename(name)))
    narrowed(process, whole, "--name", glob, by=matches)


@pytest.mark.parametrize(("locale", "is_shown"), [("C.UTF-8", True), ("C", False)])
def test_name_that_is_not_ascii(tmp_path, locale, is_shown):
    """A "?" matches one character of the locale; in the C locale each byte is a character."""
    path = tmp_path / "caf\u00e9"
    path.write_bytes(bytes(4096))
    with start("hold_files.c", path) as process:
        run = memmap("-r", "-n", "-o", "START", "--name", "caf?", process.pid, env={**os.environ, "LC_ALL": locale},
                     text=True)
        assert run.stdout.split() == ([process.lines[0].removeprefix("0x")] if is_shown else [])


def test_name_of_a_nameless_region_of_a_module(process, whole):
    """Anonymous .bss has no name, and is found by its module's name."""
    target = target_of("--name", "libc.so.6", process.pid)
    nameless = [region for region in target["regions"] if region["name"] is None]
    assert nameless and {region["kind"] for region in nameless} == {"bss"}


def test_program_by_path(process, whole):
    path = str(build("kinds.c"))
    narrowed(process, whole, "--name", path, by=lambda region: shown_name(whole, region) == path)


def test_together(process, whole):
    """Several conditions must all hold."""
    narrowed(process, whole, "--kind", "text", "--perms", "x", "--name", "libc.so.6",
             by=lambda region: region["kind"] == "text" and "libc.so.6" in (region["name"] or ""))


def test_nothing_left(process):
    """If no region matches, memmap says so and exits with 0."""
    run = memmap("--name", "no-such-name", "-k", "heap", process.pid, text=True)
    assert run.returncode == 0
    assert run.stderr == f"memmap: {process.pid}: no region matches --kind and --name\n"
    target, = memmap_json("--name", "no-such-name", process.pid)["targets"]
    assert target["regions"] == []
    assert_totals(target)


def test_processes_that_nothing_is_left_of(process):
    """A table leaves out processes without a match; only if no process has a match does memmap say so."""
    with start("two_threads.c") as other:
        pids = f"{other.pid},{process.pid}"
        run = memmap("--perms", "wx", pids, text=True)
        assert (run.returncode, run.stderr) == (0, "") and run.stdout.startswith(f"{process.pid}: ")
        run = memmap("--name", "no-such-name", pids, text=True)
        assert (run.stdout, run.stderr) == ("", f"memmap: {pids}: no region matches --name\n")
        assert len(memmap_json("--name", "no-such-name", pids)["targets"]) == 2


OTHERS = [["-t"], ["--at", "main"], *([["--frames"]] if vocabulary.has_frames() else [])]


@pytest.mark.parametrize("view", OTHERS, ids=" ".join)
@pytest.mark.parametrize("option", [["-k", "heap"], ["-A", "0,1"], ["--perms", "rw"], ["--name", "*"]], ids=" ".join)
def test_what_is_not_made_of_regions_cannot_be_narrowed(view, option):
    run = memmap(*view, *option, "1", text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert f"do not go with --{'threads' if view == ['-t'] else view[0].strip('-')}\n" in run.stderr
