# SPDX-License-Identifier: MIT
"""Threads of programs in other languages: each has its own stack or none, never a wrong one."""
import ctypes
import os
import shutil
import sys
from pathlib import Path

from conftest import Process, missing, need
from helpers.documents import ends
from helpers.programs import PROGRAMS, environment_of_go, public_dir, run
from helpers.threads import (assert_threads, is_arena, parts, quiet_target_of, range_of, ranges_of, region_with,
                             settled_target_of, thread_of, tids_of, told)

NR_GET_ROBUST_LIST = {"x86_64": 274, "aarch64": 100}


def assert_told(process, target, count):
    """memmap shows the stacks that the program itself reports, to the byte."""
    stacks = [stack for stack in told(process) if stack.what != "main"]
    assert len(stacks) == count
    for stack in stacks:
        assert range_of(target, stack.tid) == (stack.start, stack.end), stack
        assert thread_of(target, stack.tid)["guard"] == stack.guard, stack
        assert stack.start <= stack.local < stack.end
        for region in parts(target, stack.start, stack.end):
            assert (region["kind"], region["tid"]) == ("stack", stack.tid), region


def control_block(tid):
    """An address in glibc's control block at the top of a thread's stack, as the kernel knows it."""
    head, size = ctypes.c_void_p(), ctypes.c_size_t()
    if os.uname().machine not in NR_GET_ROBUST_LIST:
        missing("the number of get_robust_list() on this machine")
    assert ctypes.CDLL(None).syscall(NR_GET_ROBUST_LIST[os.uname().machine], tid, ctypes.byref(head),
                                     ctypes.byref(size)) == 0
    return head.value


def stack_pointer(pid, tid):
    """The stack pointer of a thread that waits in the kernel, or None."""
    fields = Path(f"/proc/{pid}/task/{tid}/syscall").read_text().split()
    return int(fields[-2], 16) if len(fields) > 2 else None


def assert_every_stack(process, target):
    """Every thread has a stack, and its stack pointer and its control block are in it."""
    for thread in target["threads"]:
        begin, end = range_of(target, thread["tid"])
        pointer = stack_pointer(process.pid, thread["tid"])
        assert pointer is None or begin <= pointer < end, thread
        if thread["tid"] == process.pid:
            continue
        assert begin < control_block(thread["tid"]) < end, thread
        for region in parts(target, begin, end):
            assert region["kind"] in ("stack", "guard") and region["tid"] == thread["tid"], (thread, region)


def test_go():
    """Without cgo, only the main thread has a stack that Go does not manage; and Go has no malloc arenas."""
    program = public_dir() / "go"
    run(need("go"), "build", "-o", program, PROGRAMS / "threads.go", env=environment_of_go(CGO_ENABLED="0"))
    with Process([program]) as process:
        target = settled_target_of(process)
        assert [thread["tid"] for thread in target["threads"]] == tids_of(process)
        assert len(target["threads"]) > 8
        assert [thread["tid"] for *_, thread in ranges_of(target)] == [process.pid]
        region, = (region for region in target["regions"] if region["kind"] == "stack")
        assert region["name"] == "[stack]"
        assert not any(is_arena(region) for region in target["regions"])


def test_cgo():
    source = public_dir() / "cgo"
    source.mkdir(exist_ok=True)
    for name in ("cgo.go", "report.h", "program.h"):
        shutil.copy(PROGRAMS / name, source)
    program = public_dir() / "cgo-program"
    run(need("go"), "build", "-o", program, ".", cwd=source, env=environment_of_go(CGO_ENABLED="1"))
    with Process([program]) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert_told(process, target, 8)


def test_rust():
    """Rust's alternate signal stacks, small and with their own guards, are neither thread stacks nor heaps."""
    program = public_dir() / "rust"
    run(need("rustc"), "-o", program, PROGRAMS / "threads.rs")
    with Process([program]) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert_told(process, target, 8)
        alternates = [line.split(" ") for line in process.lines if line.startswith("alternate")]
        assert len(alternates) == 9
        for _, _, begin, end in alternates:
            for region in parts(target, int(begin, 16), int(end, 16)):
                assert region["kind"] == "anon" and region["tid"] is None, region


def test_node():
    with Process([need("node"), PROGRAMS / "threads.js"]) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert len(target["threads"]) > 8
        assert_every_stack(process, target)


def test_java():
    """The guards that the JVM makes below the stacks of its threads are shown as guards."""
    run(need("javac"), "-d", public_dir(), PROGRAMS / "Threads.java")
    with Process([need("java"), "-Xmx64m", "-cp", public_dir(), "Threads"]) as process:
        target = quiet_target_of(process.pid)
        assert len(target["threads"]) > 12
        assert_every_stack(process, target)
        threads = [thread for thread in target["threads"] if thread["comm"].startswith("told-")]
        assert len(threads) == 8
        for thread in threads:
            begin, end = range_of(target, thread["tid"])
            assert thread["guard"] > 0 and end - begin + thread["guard"] >= 1 << 20
            below = region_with(target, begin - 1)
            assert (below["kind"], ends(below)) == ("guard", (begin - thread["guard"], begin))
            assert {region["kind"] for region in parts(target, begin, end)} == {"stack"}


def test_python():
    with Process([sys.executable, PROGRAMS / "threads.py"]) as process:
        target = quiet_target_of(process.pid)
        assert_threads(process, target)
        assert_told(process, target, 8)
