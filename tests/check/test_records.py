# SPDX-License-Identifier: MIT
"""Faults are also found in snapshots and core files of a process, as far as these show them."""
import subprocess

import pytest

from conftest import memmap, need
from helpers.findings import findings
from helpers.programs import start

HARD = ("-fPIE", "-pie", "-Wl,-z,relro,-z,now")
FAULTS = {
    "none": [], "stack": ["executable-stack"], "heap": ["executable-heap"], "no-guard": ["no-stack-guard"],
    "jit": ["jit-memory"], "relro": ["relro-writable"], "writable-code": ["writable-code"],
}
UNKNOWN_TO_SNAPSHOTS = {"relro": [], "jit": ["writable-code"]}


def codes_in_order(path):
    return [finding["code"] for finding in findings(path)]


@pytest.mark.parametrize("fault", FAULTS)
def test_snapshot(fault, tmp_path):
    """Without files and memory, memmap finds what the map shows, and notes that it could not read the rest."""
    snapshot = tmp_path / "snapshot.json"
    with start("faults.c", fault, variant=("gcc", *HARD)) as process:
        snapshot.write_bytes(memmap("-J", "-X", "-S", process.pid).stdout)
    assert codes_in_order(snapshot) == UNKNOWN_TO_SNAPSHOTS.get(fault, FAULTS[fault])
    run = memmap("--check", snapshot, text=True)
    assert run.returncode == (4 if codes_in_order(snapshot) else 3) and "could not be read" in run.stderr


def test_snapshot_without_regions(tmp_path):
    snapshot = tmp_path / "snapshot.json"
    with start("faults.c", "stack", variant=("gcc", *HARD)) as process:
        snapshot.write_bytes(memmap("-J", "-s", process.pid).stdout)
    run = memmap("--check", snapshot, text=True)
    assert run.returncode == 3 and "without regions" in run.stderr


def test_text_of_maps():
    with start("faults.c", "stack", variant=("gcc", *HARD)) as process:
        with open(f"/proc/{process.pid}/maps", "rb") as maps:
            run = memmap("--check", "-", stdin=maps, text=True)
    assert run.returncode == 4 and "executable-stack" in run.stdout


# gdb leaves out the executable part of [heap].
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "heap"])
def test_core(fault, tmp_path):
    gcore = need("gcore")
    with start("faults.c", fault, variant=("gcc", *HARD)) as process:
        subprocess.run([gcore, "-o", tmp_path / "core", str(process.pid)], check=True, capture_output=True)
        core = tmp_path / f"core.{process.pid}"
    assert codes_in_order(core) == FAULTS[fault]
