# SPDX-License-Identifier: MIT
"""Targets that change while they are read: memmap shows one consistent list, or an error."""
import json
import os
import re
import subprocess
import sys
import threading

import pytest

from conftest import MEMMAP, Process, memmap, missing, need, often
from helpers.documents import assert_error, assert_sound, assert_totals, target_of
from helpers.opened import opened, trace
from helpers.programs import build, start
from helpers.users import NOBODY, UNDER_STRACE, as_nobody

READS = often(1000)


def names(target):
    return {region["name"] for region in target["regions"]}


def test_mappings_come_and_go():
    """Mappings are sorted, do not overlap or repeat, and include all that were there throughout."""
    with start("map_churn.c") as process:
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


BUSY = """
import mmap, sys
with open(sys.argv[1], "rb") as file:
    lost = mmap.mmap(file.fileno(), 4096, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ | mmap.PROT_EXEC)
print("READY", flush=True)
while True:
    mmap.mmap(-1, 1 << 20).close()
"""


def test_busy_memory_beside_a_lost_module(tmp_path):
    """memmap waits only for a file that is being loaded: a busy process changes other memory all the time."""
    damaged = tmp_path / "damaged.so"
    damaged.write_bytes((b"\x7fELF\2\1\1" + bytes(9) + b"\3\0\x3e\0\1\0\0\0").ljust(4096, b"\xff"))
    with Process([sys.executable, "-c", BUSY, damaged]) as process:
        lines, run, _ = trace(tmp_path, MEMMAP, "--json", process.pid)
    notes = json.loads(run.stdout)["targets"][0]["notes"]
    assert run.returncode == 3 and [note["code"] for note in notes] == ["module-lost"]
    readings = [path for path in opened(lines) if path == f"/proc/{process.pid}/maps"]
    assert 2 <= len(readings) <= 9


def slowed(process, microseconds, *args):
    """Run memmap so that each reading of the process's map takes that much longer."""
    files = [word for name in ("maps", "smaps") for word in ("-P", f"/proc/{process.pid}/{name}")]
    delay = ["-f", "-qq", "-o", os.devnull, *files, "-e", "trace=read", "-e", "signal=none",
             "-e", f"inject=read:delay_exit={microseconds}"]
    run = subprocess.run([need("strace"), *delay, MEMMAP, *map(str, args)], check=False, capture_output=True,
                         env=UNDER_STRACE, timeout=100)
    if b"ptrace" in run.stderr:
        missing("the right to trace a program with strace")
    return run


def test_moving_up_while_read():
    """A map that goes on and on, since mappings are made above those that are being read, is not read to its end."""
    with start("treadmill.c", "20000") as process:
        # So long that the mappings stay ahead of it.
        run = slowed(process, 1000, "--json", "--summary", process.pid)
    notes = {note["code"]: note["text"] for note in json.loads(run.stdout)["targets"][0]["notes"]}
    assert run.returncode == 3
    assert re.fullmatch(r"the map kept growing while it was read: only its first \d+ mappings are shown",
                        notes["maps-changed"])


ENDED = (
    rb"the process ended while it was being read|no such process|"
    rb"a zombie: it has ended and its memory is gone; process \d+ has not yet collected it|"
    rb"the process has no memory map: it is just beginning or ending")


def end_while_read(begin, end, runs):
    """Ends processes while they are read; returns the targets that were shown.

    The time until a process ends adapts to the time that reading takes: so some readings finish and some do not,
    however busy the machine is.
    """
    seconds = 0.001
    shown = []
    for _ in range(runs):
        with begin() as child, subprocess.Popen([MEMMAP, "--json", str(child.pid)], stdout=subprocess.PIPE,
                                                stderr=subprocess.PIPE) as reader:
            threading.Timer(seconds, end, [child]).start()
            stdout, stderr = reader.communicate(timeout=60)
        if reader.returncode == 1:
            assert json.loads(stdout)["targets"] == []
            assert re.fullmatch(rb"memmap: %d: (%b)\n" % (child.pid, ENDED), stderr), stderr
            seconds *= 1.3
            continue
        assert (reader.returncode, stderr) == (0, b"")
        target, = json.loads(stdout)["targets"]
        assert_sound(target)
        assert "[stack]" in names(target)
        shown.append(target)
        seconds /= 1.3
    assert runs // 4 <= len(shown) <= runs - runs // 10, (len(shown), seconds)
    return shown


def test_process_ends():
    """A process that ends while it is read is shown as it was or is an error, never half shown."""
    program = build("load_library.c")
    end_while_read(lambda: subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL),
                   lambda child: child.stdin.close(), 100)


@pytest.mark.parametrize(("options", "file"), [([], "maps"), (["-x"], "smaps")], ids=["maps", "smaps"])
def test_process_is_gone_when_its_map_is_read(options, file):
    """If a process ends after its map was opened, reading fails with ESRCH: memmap says that the process ended."""
    with start("load_library.c") as process:
        inject = ["-qq", "-o", os.devnull, "-P", f"/proc/{process.pid}/{file}", "-e", "trace=read",
                  "-e", "inject=read:error=ESRCH"]
        run = subprocess.run([need("strace"), *inject, MEMMAP, *options, str(process.pid)], check=False,
                             capture_output=True, env=UNDER_STRACE, timeout=60)
        if b"ptrace" in run.stderr:
            missing("the right to trace a program with strace")
        assert_error(run, process.pid, "the process ended while it was being read$")


def test_process_is_killed():
    """When a process is killed, its map ends early, after any line: memmap does not show it as the whole map."""
    shown = end_while_read(lambda: start("many_mappings.c", "10000"), lambda process: process.child.kill(), 40)
    assert min(target["process"]["mappings"] for target in shown) > 10_000


def test_process_executes_other_programs():
    """memmap never shows a mixture of the old and the new program, or only a part of one."""
    dynamic, static = build("exec_loop.c"), build("exec_loop.c", "cc", "-static")
    shown = 0
    with start("exec_loop.c", static) as process:
        for _ in range(often(200)):
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


def test_found_process_that_keeps_executing():
    """A process that was found and is still there is not passed over silently, though it never holds still."""
    with as_nobody(build("seems_to_execute.c")) as process:
        if process.lines:
            missing(f"PR_SET_MM_MAP ({process.lines[0]})")
        # So long that the process gets a CPU.
        run = slowed(process, 100_000, "--all", "--user", NOBODY, "--check")
    assert run.returncode == 3
    assert run.stderr.decode() == (f"memmap: --all ({process.pid}): the process keeps executing other programs while it"
                                   " is read\n")
