# SPDX-License-Identifier: MIT
"""How a process ended: the signal, the thread, and the address that it could not access."""
import os
import signal

import pytest

from conftest import memmap, memmap_json
from helpers.cores import build_crash, core_target, gdb_core, kernel_core
from helpers.documents import assert_valid
from helpers.make_core import PAGE, Load, Maker, R
from helpers.truth import holder, read_target

ENDS = {
    "segv": (11, "SIGSEGV"), "noncanonical": (11, "SIGSEGV"), "execute": (11, "SIGSEGV"), "fpe": (8, "SIGFPE"),
    "abort": (6, "SIGABRT"),
}


@pytest.mark.parametrize("way", ENDS)
def test_signal(tmp_path, way):
    program = build_crash(tmp_path)
    live, core = kernel_core(tmp_path, program, way)
    document = memmap_json(core)
    assert_valid(document)
    target, = document["targets"]
    end = target["core"]
    assert (end["signal"], end["signal_name"]) == ENDS[way]
    crashed, = (thread["tid"] for thread in target["threads"] if thread["state"] == "crashed")
    assert crashed == end["thread"] == live.tids["second"]
    assert (target["source"], target["pid"], target["comm"], target["user"], target["exe"]) == (
        "core", live.pid, "crash", live.target["user"], str(program))
    frames = core_target(core, "--frames", status=3 if way == "execute" else 0)["frames"]
    functions = [frame["function"] for frame in frames]
    assert {frame["thread"] for frame in frames} == {crashed}
    if way == "execute":  # the address executed is in no function: its caller is unknown
        assert functions == ["touched"]
    else:
        first = functions.index("innermost")
        assert functions[first:first + 3] == ["innermost", "middle", "outermost"]
        assert way == "abort" or first == 0
    check_fault(live, core, way, end["fault"], frames)


def check_fault(live, core, way, fault, frames):
    found = memmap("--at=fault", core, text=True)
    if way in ("noncanonical", "abort"):
        assert fault is None and found.returncode == 3
        sent = " was sent by the process itself (kill(2) or similar), and no access failed" if way == "abort" else ""
        assert found.stderr.endswith(f"the core file has no fault address: {ENDS[way][1]}{sent}\n")
        return
    assert found.returncode == 0
    place, = core_target(core, "--at=fault")["at"]
    assert place["query"] == "fault" and place["address"] == fault
    if way == "segv":
        assert fault == "0x123" and "nothing is mapped there" in found.stdout
        after, = core_target(core, "--at=fault+0x10")["at"]
        assert after["address"] == "0x133"
    elif way == "execute":
        assert place["symbol"]["name"] == "touched"
        regions, _ = read_target(core_target(core))
        assert holder(regions, int(fault, 16)).kind == "bss"
    else:
        assert fault == frames[0]["pc"]


def test_signal_of_another_process(tmp_path):
    """A signal from another process has the sender's PID in place of the fault's address."""
    _, core = kernel_core(tmp_path, build_crash(tmp_path), "segv",
                          before_end=lambda live: os.kill(live.pid, signal.SIGSEGV))
    document = memmap_json(core)
    assert_valid(document)
    end = document["targets"][0]["core"]
    assert (end["signal_name"], end["fault"], end["sender"]) == ("SIGSEGV", None, os.getpid())
    run = memmap("--at=fault", core, text=True)
    assert run.returncode == 3
    assert run.stderr == (f"memmap: {core}: the core file has no fault address: SIGSEGV was sent by process "
                          f"{os.getpid()} (kill(2) or similar), and no access failed\n")


@pytest.mark.parametrize(("bits", "order"), [(32, "little"), (32, "big"), (64, "little"), (64, "big")])
@pytest.mark.parametrize(("code", "sender"), [(0, 5), (-1, 5), (-6, 5), (-2, None), (1, None), (0x80, None)])
def test_sender(tmp_path, bits, order, code, sender):
    """The sender is shown if a process sent the signal: a timer (-2) has something else there."""
    maker = Maker(bits=bits, order=order)
    address = 5 << 32 | 77 if (bits, order) == (64, "big") else 5
    notes = maker.prstatus(9, [0] * 27) + maker.siginfo(11, code & 0xffffffff, address)
    core = core_target(maker.write(tmp_path / "core", [Load(1 << 20, PAGE, R, bytes(PAGE))], notes), status=3)["core"]
    assert core["sender"] == sender and (core["fault"] is None) == (code != 1)


def test_no_signal(tmp_path):
    """A core file by gcore, of a process that ran on, has no signal."""
    live, core = gdb_core(tmp_path, build_crash(tmp_path), "segv")
    document = memmap_json(core)
    assert_valid(document)
    end = document["targets"][0]["core"]
    assert (end["signal"], end["signal_name"], end["thread"], end["fault"]) == (None, None, None, None)
    frames = core_target(core, "--frames")["frames"]
    assert {frame["thread"] for frame in frames} == {live.pid}
    line = memmap(core, text=True).stdout.splitlines()[0]
    assert line.startswith(f"{core}: core of {live.pid} crash (") and "ended" not in line


def test_line(tmp_path):
    live, core = kernel_core(tmp_path, build_crash(tmp_path), "segv")
    line = memmap(core, text=True).stdout.splitlines()[0]
    crashed = core_target(core)["core"]["thread"]
    assert line.startswith(f"{core}: core of {live.pid} crash (")
    assert f"), ended by SIGSEGV at 123 in thread {crashed}, " in line and line.endswith(" in the file")


def test_unknown_thread(tmp_path):
    _, core = kernel_core(tmp_path, build_crash(tmp_path), "segv")
    run = memmap("--frames=1", core, text=True)
    assert run.returncode == 3 and run.stderr == f"memmap: {core}: no frames: the core file has no thread 1\n"
