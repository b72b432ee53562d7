# SPDX-License-Identifier: MIT
"""A process that memmap stops to read its heap goes on as before, whatever happens to memmap."""
import json
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from conftest import LIMIT, MEMMAP, memmap, memmap_json, missing, need
from helpers.kernel import wait_for_state
from helpers.programs import build, start
from helpers.users import UNDER_STRACE, need_memory


def tracers(pid):
    """The PIDs of the processes that trace any of the threads; 0 for none."""
    return {re.search(r"TracerPid:\s+(\d+)", (task / "status").read_text()).group(1)
            for task in Path(f"/proc/{pid}/task").iterdir()}


def codes(target):
    return [note["code"] for note in target["notes"]]


def test_says_for_how_long():
    with start("leaks.c", "threads") as process:
        need_memory()
        for view in ("--heap", "--blocks", "--leaks"):
            target = memmap_json(view, "--stop", process.pid)["targets"][0]
            note, = [note for note in target["notes"] if note["code"] == "stopped"]
            assert re.fullmatch(r"all threads were stopped for \d+\.\d ms, to read memory", note["text"])
        assert tracers(process.pid) == {"0"}
        process.child.stdin.close()
        assert process.child.wait(LIMIT) == 0


def test_stopped_stays_stopped():
    with start("leaks.c", "threads") as process:
        need_memory()
        process.child.send_signal(signal.SIGSTOP)
        wait_for_state(process, "T")
        memmap_json("--leaks", "--stop", process.pid)
        wait_for_state(process, "T")
        assert tracers(process.pid) == {"0"}
        process.child.send_signal(signal.SIGCONT)
        wait_for_state(process, "S")


def test_new_threads_while_stopping(tmp_path):
    """However fast threads come and go, all of them are stopped: sums match, and nothing looks corrupt."""
    with start("heap_churn.c", "4") as process:
        need_memory()
        for _ in range(20):
            target = memmap_json("--heap", "--stop", process.pid)["targets"][0]
            assert codes(target) == ["stopped"]
            assert all(arena["walked"] == 100 for arena in target["arenas"])
    with start("thread_churn.c", tmp_path / "log") as process:
        for _ in range(20):
            shown = memmap("--json", "--heap", "--stop", process.pid)
            assert "stopped" in codes(json.loads(shown.stdout)["targets"][0]), shown.stderr


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_memmap_is_ended_meanwhile(number):
    """At whatever moment memmap is killed, no thread stays traced."""
    need_memory()
    with start("heap_churn.c", "4") as process:
        for i in range(20):
            run = subprocess.Popen([MEMMAP, "--heap", "--stop", str(process.pid)], stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL,
                                   preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
            time.sleep(i / 1000)
            run.send_signal(number)
            assert run.wait(LIMIT) in (-number, 0)
            assert tracers(process.pid) == {"0"}


def test_traced_by_another():
    """A process that another one traces is read while it runs, and a note says so."""
    need_memory()
    with start("leaks.c", "held") as process:
        with subprocess.Popen([build("hold_trace.c"), str(process.pid)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as tracer:
            assert tracer.stdout.readline() == b"READY\n"
            target = memmap_json("--leaks", "--stop", process.pid, status=3)["targets"][0]
            note, = [note for note in target["notes"] if note["code"] == "stop-denied"]
            assert f"is traced by process {tracer.pid}" in note["text"]
            tracer.stdin.close()


def test_threads_that_are_released_one_by_one():
    """No thread is held for long because others do not stop: 100 that go on every 0.8 s do not add up to 80 s."""
    need_memory()
    with start("vforks.c", "100", "800") as process:
        target = memmap_json("--heap", "--stop", process.pid, status=3, timeout=60)["targets"][0]
        note, = [note for note in target["notes"] if note["code"] == "stop-denied"]
        assert note["text"].endswith("is waiting in the kernel and does not stop")
        assert tracers(process.pid) == {"0"}


def test_corrupt_heap(tmp_path):
    """A heap that is broken in the same place each time is corrupt: more than three stops would not help."""
    need_memory()
    log = tmp_path / "log"
    with start("heap_shapes.c", "corrupt") as process:
        run = subprocess.run([need("strace"), "-f", "-qq", "-e", "trace=ptrace", "-o", log, MEMMAP, "--heap", "--stop",
                              str(process.pid)], check=False, capture_output=True, env=UNDER_STRACE, timeout=LIMIT)
    if b"ptrace" in run.stderr:
        missing("the right to trace a program with strace")
    assert run.returncode == 3 and b"the heap is corrupt" in run.stderr
    assert log.read_text().count("PTRACE_SEIZE") == 3


@pytest.mark.parametrize("view", [(), ("-t",), ("--frames",)])
def test_other_views(view):
    run = memmap("--stop", *view, "1")
    assert run.returncode == 2
    assert run.stderr.startswith(b"memmap: --stop needs a view of malloc's heap: --heap, --blocks, --leaks\n")
