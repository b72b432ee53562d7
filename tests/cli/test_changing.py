# SPDX-License-Identifier: MIT
"""Targets that change while they are read: what is shown is one consistent list, or an error."""
import json
import subprocess
import time

from conftest import MEMMAP, memmap
from helpers import assert_sound, assert_totals, build, start, target_of

READS = 1000


def names(target):
    return {region["name"] for region in target["regions"]}


def test_mappings_come_and_go():
    """Sorted, no overlap, nothing twice, and what was there throughout is there."""
    with start("churn.c") as process:
        fixed = set(process.lines)
        for _ in range(READS):
            run = memmap("--raw", "--noheadings", "-o", "START,END,PERMS", process.pid)
            assert run.returncode == 0, run.stderr
            last = 0
            seen = set()
            for line in run.stdout.decode().split("\n")[:-1]:
                begin, end, _ = line.split(" ")
                assert last <= int(begin, 16) < int(end, 16), run.stdout.decode()
                last = int(end, 16)
                seen.add(hex(int(begin, 16)))
            assert fixed <= seen
        target = target_of(process.pid)
        assert_sound(target)
        assert_totals(target)


def test_process_ends():
    """Named by its PID it is shown as it was or is an error; never half of it."""
    program = build("load_library.c")
    for _ in range(100):
        child = subprocess.Popen([program], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        run = memmap("--json", child.pid)
        child.wait()
        if run.returncode == 1:
            assert run.stderr.startswith(f"memmap: {child.pid}: ".encode()) and run.stderr.count(b"\n") == 1
            continue
        assert run.returncode == 0, run.stderr
        target, = json.loads(run.stdout)["targets"]
        assert_sound(target)
        assert "[stack]" in names(target)


def test_process_is_killed():
    """What the kernel then gives looks like the end of the map, at whatever line it had come to."""
    for i in range(20):
        with start("many_mappings.c", "10000") as process:
            reader = subprocess.Popen([MEMMAP, "--json", str(process.pid)], stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE)
            time.sleep(i * 0.0005)
            process.child.kill()
            stdout, stderr = reader.communicate()
        if reader.returncode == 1:
            assert stderr.startswith(f"memmap: {process.pid}: ".encode()) and stderr.count(b"\n") == 1
            continue
        assert reader.returncode == 0, stderr
        target, = json.loads(stdout)["targets"]
        assert_sound(target)
        assert target["process"]["mappings"] > 10_000
        assert "[stack]" in names(target)


def test_process_executes_other_programs():
    """Never a list that is half the one program and half the other, nor one that was cut short."""
    dynamic, static = build("exec_loop.c"), build("exec_loop.c", "-static")
    shown = 0
    with start("exec_loop.c", static) as process:
        for _ in range(200):
            run = memmap("--json", process.pid)
            if run.returncode == 1:
                assert run.stderr.startswith(f"memmap: {process.pid}: ".encode()), run.stderr
                continue
            assert run.returncode == 0, run.stderr
            target, = json.loads(run.stdout)["targets"]
            assert_sound(target)
            assert "[stack]" in names(target)
            assert len(names(target) & {str(dynamic), str(static)}) == 1
            assert target["exe"] in names(target)
            shown += 1
    assert shown > 0
