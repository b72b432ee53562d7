# SPDX-License-Identifier: MIT
"""How being read slows a target down: how long its own calls of mmap() and munmap() take meanwhile."""
import time

from targets import NotHere

STALLED = ("untouched", "resident")
READERS = (None, "memmap", "memmap -J", "memmap -o +RSS", "memmap --pages", "memmap -x", "memmap -s -x", "cat maps",
           "cat smaps", "pmap -x")


def end_window(process):
    """The rounds since the last call, as stalls.h describes them."""
    process.child.stdin.write(b"\n")
    process.child.stdin.flush()
    return [int(word) for word in process.child.stdout.readline().split()]


def read_for(stopwatch, line, seconds):
    """Runs a command line, if there is one, again and again for a while; returns how often."""
    end = time.monotonic() + seconds
    runs = 0
    if line is None:
        time.sleep(seconds)
    while time.monotonic() < end:
        stopwatch.run(line)
        runs += 1
    return runs


def measure_stalls(maker, stopwatch, commands, name, token, seconds):
    """A row for each reader, as bench.py describes them; no rows if the target cannot be made."""
    rows = []
    try:
        process = maker.start_stalls(name, token)
    except NotHere:
        return rows
    with process:
        lines = commands.lines(process.pid, token)
        for reader in READERS:
            if reader and not lines[reader]:
                continue
            end_window(process)
            runs = read_for(stopwatch, lines[reader] if reader else None, seconds)
            rounds, median, p99, worst, total, stalled = end_window(process)
            rows.append({"target": name, "reader": reader, "runs": runs, "rounds": rounds,
                         "median": median / 1000, "p99": p99 / 1000, "worst": worst / 1000,
                         "stalled": stalled / total})
    return rows
