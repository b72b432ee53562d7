# SPDX-License-Identifier: MIT
"""A process with a thread that memmap stops to read its frames goes on as before, whatever happens to memmap."""
import signal
import subprocess

import pytest

from conftest import LIMIT, MEMMAP, memmap
from helpers.frames import frames_of, start_calls, tid_of, with_large_stack
from helpers.kernel import status_of, wait_for_state
from helpers.users import need_memory


def assert_ends_by_itself(process):
    process.child.stdin.close()
    assert process.child.wait(LIMIT) == 0


@pytest.mark.parametrize("what", ["input", "sleep", "handler", "thread"])
def test_goes_on(what):
    with start_calls(5, what) as process:
        for _ in range(5):
            frames_of(process)
            assert status_of(process, "TracerPid") == "0"
            wait_for_state(process, "S")
        assert_ends_by_itself(process)


def test_loop_goes_on():
    with start_calls(5, "loop") as process:
        frames_of(process)
        assert status_of(process, "State") == "R" and status_of(process, "TracerPid") == "0"


def test_sleep_is_not_cut_short():
    with start_calls(5, "sleep") as process:
        frames_of(process)
        result, seconds = process.child.stdout.readline().split()[1:]
        assert int(result) == 0 and int(seconds) >= 1


def test_stopped_stays_stopped():
    with start_calls(5) as process:
        process.child.send_signal(signal.SIGSTOP)
        wait_for_state(process, "T")
        frames_of(process)
        wait_for_state(process, "T")
        assert status_of(process, "TracerPid") == "0"
        process.child.send_signal(signal.SIGCONT)
        wait_for_state(process, "S")
        assert_ends_by_itself(process)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_memmap_is_ended_meanwhile(number):
    """A process goes on if memmap is killed while it reads frames: so many that it is certainly still at it."""
    need_memory()
    with start_calls(900000, preexec_fn=with_large_stack) as process:
        # In the background, these tests run with SIGINT ignored, and memmap would inherit that.
        run = subprocess.Popen([MEMMAP, "--frames", str(process.pid)], stdout=subprocess.DEVNULL,
                               preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        wait_for_state(process, "t")
        # The tracer is a child process of memmap.
        assert status_of(int(status_of(process, "TracerPid")), "PPid") == str(run.pid)
        run.send_signal(number)
        assert run.wait(30) == -number
        wait_for_state(process, "S")
        assert status_of(process, "TracerPid") == "0"
        assert_ends_by_itself(process)


def test_goes_on_after_patience_has_ended():
    """A thread that has not stopped in time does not stop later, though memmap is still running."""
    need_memory()
    with start_calls(1, "vfork") as process:
        wait_for_state(process, "D")
        # So many targets that memmap waits for its output to be read.
        with subprocess.Popen([MEMMAP, "--json", "--frames", str(process.pid), *[MEMMAP] * 60], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, pipesize=4096) as run:
            run.stdout.read(1)
            assert_ends_by_itself(process)
            assert run.poll() is None
            _, errors = run.communicate(timeout=LIMIT)
        assert run.returncode == 3 and b"is waiting in the kernel and does not stop" in errors


def test_others_run_on():
    """Another thread of the process is left alone."""
    need_memory()
    with start_calls(5, "thread") as process:
        wait_for_state(process, "S")
        before = memmap("--frames", process.pid)
        assert before.returncode == 0, before.stderr
        assert b"in_input" not in before.stdout
        assert status_of(process, "State") == "S"
        assert tid_of(process) != process.pid
        assert_ends_by_itself(process)
