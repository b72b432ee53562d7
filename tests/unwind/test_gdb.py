# SPDX-License-Identifier: MIT
"""Stack frames compared with those that gdb finds for the same thread."""
import json
import os
import subprocess
from pathlib import Path

import pytest

from conftest import LIMIT, Process, need
from helpers.frames import address, start_calls, tid_of, valid_target_of
from helpers.kernel import wait_for_state
from helpers.users import need_memory

VARIANTS = [
    ("gcc", "-O0", "-g"), ("gcc", "-O2", "-g"), ("gcc", "-O2", "-fomit-frame-pointer"), ("gcc", "-O2", "-s"),
    ("gcc", "-O1", "-g", "-static"), ("clang", "-O2", "-g"), ("i686-linux-gnu-gcc", "-O1", "-g"),
]


def gdb_frames(pid, tid):
    run = subprocess.run(
        [need("gdb"), "-batch", "-nx", "-iex", "set debuginfod enabled off", "-ex", "set backtrace past-main on",
         "-p", str(pid), "-x", Path(__file__).with_name("gdb_frames.py")],
        check=False, capture_output=True, text=True, timeout=LIMIT, env={**os.environ, "TID": str(tid)})
    line = next((line for line in run.stdout.splitlines() if line.startswith("FRAMES ")), None)
    assert line, run.stdout + run.stderr
    return json.loads(line.removeprefix("FRAMES "))


def assert_as_gdb(pid, tid):
    """memmap and gdb must show the same frames at the same places, with the same names."""
    need_memory()
    wait_for_state(tid, "S")
    truth = gdb_frames(pid, tid)
    frames = valid_target_of(f"--frames={tid}", pid)["frames"]
    assert [(address(frame["pc"]), frame["inlined"]) for frame in frames] == [
        (pc, is_inlined) for pc, _, _, is_inlined in truth]
    for frame, (_, cfa, name, is_inlined) in zip(frames[:-1], truth):
        assert is_inlined or address(frame["end"]) == cfa, (frame, hex(cfa))
        assert name is None or frame["function"] == name, frame


@pytest.mark.parametrize("variant", VARIANTS, ids="".join)
def test_compilers(variant):
    with start_calls(6, variant=variant) as process:
        assert_as_gdb(process.pid, process.pid)


@pytest.mark.parametrize("what", ["long-sleep", "handler", "thread"])
def test_activities(what):
    with start_calls(6, what, 1000) as process:
        assert_as_gdb(process.pid, tid_of(process))


def test_python():
    """A large program that these tests did not build."""
    with Process([need("python3"), "-c", "import sys; print('READY', flush=True); sys.stdin.read()"]) as process:
        assert_as_gdb(process.pid, process.pid)
