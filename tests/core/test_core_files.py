# SPDX-License-Identifier: MIT
"""The program and its libraries: memmap uses the right file, below --sysroot or not, or else only the core file."""
import shutil

import pytest

from conftest import memmap
from helpers.cores import build_crash, core_target, kernel_core
from helpers.truth import read_target

DEFAULT_FILTER = 0x33
ELF_HEADERS = 0x10


@pytest.fixture(name="made")
def fixture_made(tmp_path):
    directory = tmp_path / "there"
    directory.mkdir()
    program = build_crash(directory)
    live, core = kernel_core(directory, program, "segv")
    return live, program, core


def kinds(target):
    regions, _ = read_target(target)
    return [(region.start, region.end, region.kind) for region in regions]


def own_regions(target, program):
    return [region for region in target["regions"] if region["name"] == str(program)]


def check_without_file(live, program, core, state, *args):
    """Without the file, headers in memory give the same regions, but no symbols."""
    target = core_target(core, *args, status=3)
    assert kinds(target) == kinds(live.target)
    assert {region["file"] for region in own_regions(target, program)} == {state}
    own = next(module for module in target["modules"] if module["path"] == str(program))
    assert own["file"] == state and own["build_id"]
    frames = core_target(core, "--frames", *args, status=3)["frames"]
    assert frames[0]["function"] is None
    text = memmap(*args, core, text=True).stderr
    assert text == (f"memmap: {core}: 1 mapped file is now absent or different: its sections "
                    "and symbols are missing (--sysroot looks in another directory)\n")


def test_absent_program(made):
    live, program, core = made
    program.unlink()
    check_without_file(live, program, core, "unreadable")


def test_replaced_program(made):
    """Another program at the same path, even a very similar one, is not used."""
    live, program, core = made
    build_crash(program.parent, "gcc", "default", "-DOTHER", "-O0")
    check_without_file(live, program, core, "replaced")


def test_sysroot(made, tmp_path):
    live, program, core = made
    root = tmp_path / "root"
    for path in {module["path"] for module in live.target["modules"]} - {"[vdso]"}:
        (root / path[1:]).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, root / path[1:])
    program.unlink()
    target = core_target(core, f"--sysroot={root}")
    assert kinds(target) == kinds(live.target)
    assert {region["file"] for region in own_regions(target, program)} == {"ok"}
    assert core_target(core, "--frames", "--sysroot", root)["frames"][0]["function"] == "innermost"


def test_links_stay_below_the_sysroot(made, tmp_path):
    """A link below the sysroot to an absolute path is followed below the sysroot."""
    _, program, core = made
    root = tmp_path / "root"
    (root / "real").mkdir(parents=True)
    program.rename(root / "real" / "crash")
    link = root / str(program)[1:]
    link.parent.mkdir(parents=True)
    link.symlink_to("/real/crash")
    target = core_target(core, "--sysroot", root, status=3)  # without the libraries
    assert {region["file"] for region in own_regions(target, program)} == {"ok"}


def test_no_sysroot(made):
    _, _, core = made
    done = memmap("--sysroot", "/no/such", core, text=True)
    assert done.returncode == 1
    assert done.stderr == f"memmap: {core}: sysroot '/no/such': No such file or directory\n"


def test_deleted_program(tmp_path):
    """The "(deleted)" that the kernel appends to a path is not taken for a part of the file's name."""
    program = build_crash(tmp_path)
    copy = shutil.copy(program, tmp_path / "copy")
    live, core = kernel_core(tmp_path, program, "segv", before_end=lambda _: program.unlink())
    target = core_target(core, status=3)
    assert kinds(target) == kinds(live.target) and target["exe"] == f"{program} (deleted)"
    assert {region["file"] for region in own_regions(target, f"{program} (deleted)")} == {"deleted"}
    shutil.copy(copy, program)
    target = core_target(core)
    assert {region["file"] for region in own_regions(target, f"{program} (deleted)")} == {"ok"}


def test_headers_not_in_the_core(tmp_path):
    """Without ELF headers in the core, a file cannot be verified: it is not used, and kinds come from access rights."""
    program = build_crash(tmp_path)
    live, core = kernel_core(tmp_path, program, "segv", filter_bits=DEFAULT_FILTER & ~ELF_HEADERS)
    target = core_target(core, status=3)
    own = own_regions(target, program)
    assert {region["basis"] for region in own} == {"perms"}
    assert [(region["kind"], region["start"]) for region in own if region["kind"] == "text"] == [
        ("text", region["start"]) for region in own_regions(live.target, program) if region["kind"] == "text"]
    assert "core-files-unknown" in {note["code"] for note in target["notes"]}


@pytest.mark.parametrize("args", [["1"], ["-a"], ["no-such-process"]])
def test_sysroot_is_for_files(args):
    done = memmap("--sysroot=/", *args, text=True)
    assert (done.returncode, done.stdout) == (2, "") and done.stderr.startswith("memmap: --sysroot needs a core file")
