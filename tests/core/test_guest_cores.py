# SPDX-License-Identifier: MIT
"""Cores that qemu-user writes of programs for other machines: memmap agrees with what these programs printed."""
import subprocess

import pytest

from conftest import LIMIT, memmap, need
from helpers.cores import allow_cores, core_target, need_core_limit
from helpers.programs import PROGRAMS, run
from helpers.truth import read_target

# Emulator, target of the compiler, its further options, and the machine that the core file names.
GUESTS = [
    ("aarch64", "aarch64-linux-gnu", [], ("AArch64", 64, "little")),
    ("arm", "armv7-linux-gnueabihf", [], ("ARM", 32, "little")),
    ("ppc64", "powerpc64-linux-gnu", ["-mabi=elfv2"], ("PowerPC64", 64, "big")),
]


def leave(directory, emulator, triple, options):
    """Runs the guest program; returns the {kind: address} that it printed, and its core."""
    clang, program = need("clang"), directory / "guest"
    need("ld.lld")
    need_core_limit()
    run(clang, f"--target={triple}", *options, "-O1", "-ffreestanding", "-fno-stack-protector", "-nostdlib", "-static",
        "-fuse-ld=lld", "-Wl,-z,separate-code", "-o", program, PROGRAMS / "guest.c")
    done = subprocess.run([need(f"qemu-{emulator}"), program], check=False, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, cwd=directory, preexec_fn=allow_cores, timeout=LIMIT)
    core, = directory.glob("qemu_*.core")
    return {kind: int(address, 16) for kind, address in map(str.split, done.stdout.splitlines())}, core


@pytest.mark.parametrize(("emulator", "triple", "options", "machine"), GUESTS, ids=[guest[0] for guest in GUESTS])
def test_guest(tmp_path, emulator, triple, options, machine):
    told, core = leave(tmp_path, emulator, triple, options)
    assert set(told) == {"text", "rodata", "data", "bss", "stack", "anon"}
    target = core_target(core, status=3)  # the list of files is missing
    assert [note["code"] for note in target["notes"]] == ["core-files-unlisted"]
    assert (target["core"]["machine"], target["core"]["bits"], target["core"]["byte_order"]) == machine
    assert target["core"]["signal_name"] == "SIGSEGV" and target["exe"] == str(tmp_path / "guest")
    regions, _ = read_target(target)
    for kind, address in told.items():
        region, = [region for region in regions if region.start <= address < region.end]
        assert region.kind == kind, (kind, region)


def test_relative_path(tmp_path):
    """A program with a relative path is not looked for."""
    _, core = leave(tmp_path, *GUESTS[0][:3])
    core.unlink()
    subprocess.run([need("qemu-aarch64"), "./guest"], check=False, capture_output=True, cwd=tmp_path,
                   preexec_fn=allow_cores, timeout=LIMIT)
    core, = tmp_path.glob("qemu_*.core")
    assert core_target(core, status=3)["modules"] == []


def test_frames(tmp_path):
    """--frames has registers to begin with: it shows _start."""
    _, core = leave(tmp_path, *GUESTS[0][:3])
    done = memmap("--frames", core, text=True)
    assert done.returncode == 3 and "_start" in done.stdout
