# SPDX-License-Identifier: MIT
"""What memmap shows for a PID in each state that a process can be in."""
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from conftest import MEMMAP, memmap, memmap_json, missing, need
from helpers.documents import assert_covers, assert_error, assert_sound, assert_valid, target_of
from helpers.kernel import mappings_of
from helpers.programs import build, start, unique


def unused_pid():
    """A number that no process or thread has: above the highest PID that the kernel gives out."""
    return int(Path("/proc/sys/kernel/pid_max").read_text()) + 1


ZOMBIE = unique("zombie")


@pytest.fixture
def zombie():
    """A process that has ended and was not waited for, so it still has its name."""
    with start("set_comm.c", ZOMBIE) as process:
        process.child.stdin.close()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        yield process.pid


@pytest.mark.usefixtures("zombie")
def test_metrics_of_a_zombie_by_name():
    """--openmetrics refuses a zombie by name as the table does: no process of that name has a memory map."""
    run, metrics = memmap(ZOMBIE, text=True), memmap("--openmetrics", ZOMBIE, text=True)
    assert (metrics.returncode, metrics.stderr) == (run.returncode, run.stderr)
    assert run.returncode == 1 and "has a memory map" in run.stderr


def test_no_such_process():
    assert_error(memmap(unused_pid()), unused_pid(), "no such process")


@pytest.mark.parametrize("number", ["0", "99999999999", "18446744073709551616", "00000000000000000000000"])
def test_number_that_is_no_pid(number):
    assert_error(memmap(number), number)


def test_thread_names_its_process():
    with start("two_threads.c") as process:
        tid = process.lines[0]
        assert int(tid) != process.pid
        target = target_of(tid)
        assert target["pid"] == process.pid
        assert target["regions"] == target_of(process.pid)["regions"]


def need_kernel_thread():
    status = Path("/proc/2/status")
    if not status.exists() or "Name:\tkthreadd" not in status.read_text():
        missing("a kernel thread in this PID namespace")


def test_kernel_thread():
    need_kernel_thread()
    assert_error(memmap(2), 2, "kernel thread")


def test_kernel_thread_by_name():
    """A kernel thread is live but has no memory map: memmap says so rather than printing nothing."""
    need_kernel_thread()
    assert_error(memmap("kthreadd"), "kthreadd")


def test_zombie(zombie):
    assert_error(memmap(zombie), zombie, "zombie", str(os.getpid()))


def test_zombie_is_not_found_by_name(zombie):
    """A name stands for live processes: a zombie is skipped, and the name of a lone zombie is an error."""
    assert_error(memmap(ZOMBIE), ZOMBIE)
    with start("set_comm.c", ZOMBIE) as process:
        assert target_of(ZOMBIE)["pid"] == process.pid


def test_main_thread_has_exited():
    """/proc/PID/maps is empty once the main thread has exited; memmap still shows the memory."""
    with start("two_threads.c", "first-ends") as process:
        assert mappings_of(process.pid) == []
        target = target_of(process.pid)
        assert target["comm"] == "two_threads"
        assert "other" in [thread["comm"] for thread in target["threads"]]
        assert_covers(target, mappings_of(f"{process.pid}/task/{process.lines[0]}"))
        assert target["pid"] == process.pid
        modules = [module["path"] for module in target["modules"]]
        assert str(build("two_threads.c")) in modules
        assert {"text", "bss", "stack"} <= target["totals"].keys()


def test_memmap_itself():
    """memmap shows itself at one consistent moment, though reading takes memory."""
    run = subprocess.run([need("sh"), "-c", 'exec "$0" --json $$', MEMMAP], check=False, capture_output=True)
    assert run.returncode == 0, run.stderr
    target, = json.loads(run.stdout)["targets"]
    assert_sound(target)
    assert target["comm"] == os.path.basename(MEMMAP)[:15]


def test_stopped():
    """A stopped process is read like any other, and stays stopped."""
    with start("two_threads.c") as process:
        os.kill(process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED)
        assert_covers(target_of(process.pid), mappings_of(process.pid))
        assert "State:\tT" in Path(f"/proc/{process.pid}/status").read_text()


def test_traced():
    """A process that a debugger holds is read like any other."""
    with start("two_threads.c") as process:
        strace = subprocess.Popen([need("strace"), "-f", "-p", str(process.pid)], stderr=subprocess.PIPE)
        try:
            assert b"attached" in strace.stderr.readline()
            assert_covers(target_of(process.pid), mappings_of(process.pid))
        finally:
            strace.terminate()
            strace.communicate()


def test_one_of_several_is_bad():
    with start("two_threads.c") as first, start("kinds.c") as second:
        run = memmap(first.pid, unused_pid(), second.pid)
        assert run.returncode == 1
        assert run.stderr.decode().startswith(f"memmap: {unused_pid()}: ") and run.stderr.count(b"\n") == 1
        heads = [line.split()[0] for line in run.stdout.decode().split("\n") if line]
        assert heads.index(f"{first.pid}:") < heads.index(f"{second.pid}:")

        document = memmap_json(first.pid, unused_pid(), second.pid, status=1)
        assert [target["pid"] for target in document["targets"]] == [first.pid, second.pid]
        for target in document["targets"]:
            assert_sound(target)


def test_json_of_nothing():
    """If no target can be shown, the JSON document is still valid."""
    document = memmap_json(unused_pid(), status=1)
    assert_valid(document)
    assert document["targets"] == []


def test_zombie_whose_parent_is_outside(tmp_path):
    """The kernel shows a parent outside of this PID namespace as 0: memmap does not print that number."""
    directory = tmp_path / "4242"
    directory.mkdir()
    (directory / "stat").write_text("4242 (gone) Z 0 4242 4242 0 -1 4228100 0 0\n")
    run = memmap("--procfs", tmp_path, "4242", text=True)
    assert run.returncode == 1
    assert "outside of this PID namespace" in run.stderr and "process 0" not in run.stderr
