# SPDX-License-Identifier: MIT
"""What the kernel reports about a process, read here without memmap."""
import mmap
import os
import re
import struct
from pathlib import Path

from conftest import wait_until

PAGE = os.sysconf("SC_PAGE_SIZE")


def mappings_of(pid):
    """(start, end, perms, name as bytes) of each line of /proc/PID/maps."""
    mappings = []
    for line in Path(f"/proc/{pid}/maps").read_bytes().split(b"\n")[:-1]:
        fields = line.split(b" ", 5)
        begin, end = (int(part, 16) for part in fields[0].split(b"-"))
        mappings.append((begin, end, fields[1].decode(), fields[5].lstrip(b" ")))
    return mappings


def state_of(directory):
    """The state of the process that has this directory in /proc: a letter, as ps(1) shows it."""
    return Path(directory, "stat").read_text().rsplit(")", 1)[1].split()[0]


def wait_for_state(process, state):
    """Wait until a process, or a thread given by its ID, is in a state."""
    number = getattr(process, "pid", process)
    wait_until(lambda: state_of(f"/proc/{number}") == state, f"state {state} of {number}")


def wait_for_rest(process, spinning=()):
    """Wait until all threads sleep, except those that spin: two readings must find them doing the same thing."""
    for task in Path(f"/proc/{process.pid}/task").iterdir():
        state = "R" if int(task.name) in spinning else "S"
        wait_until(lambda: state_of(task) == state, f"state {state} of thread {task.name}")


def wait_for_stop(pid):
    """Wait until each thread is stopped."""
    for task in os.listdir(f"/proc/{pid}/task"):
        wait_until(lambda: re.search(r"^State:\s+T", status(pid, f"task/{task}/status"), re.M), f"{task} is stopped")


def status(pid, name="status"):
    with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
        return file.read()


def status_of(process, key):
    """The value of a key in the status of a process, or of a thread given by its ID."""
    number = getattr(process, "pid", process)
    return re.search(rf"^{key}:\t(\S+)", status(number), re.M)[1]


def status_number(pid, key, name="status"):
    """A number from status, or from a file in the same format, in bytes."""
    return int(re.search(rf"^{key}:\s+(\d+) kB", status(pid, name), re.M)[1]) * 1024


# The page map, word by word: Documentation/admin-guide/mm/pagemap.rst
EXCLUSIVE, GUARD, FILE, SWAPPED, PRESENT = (1 << bit for bit in (56, 58, 61, 62, 63))
FRAME = (1 << 55) - 1
KPF_DIRTY, KPF_THP, KPF_ZERO_PAGE = (1 << bit for bit in (4, 22, 24))


def page_words(pid, start, end):
    """[(address, word)] of the pages that begin in [start, end)."""
    first, last = -(-start // PAGE), -(-end // PAGE)
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as file:
        data = os.pread(file.fileno(), 8 * (last - first), 8 * first)
    return list(zip(range(first * PAGE, last * PAGE, PAGE), struct.unpack(f"={last - first}Q", data)))


def word_of_page(pid, address):
    """The word of the page that an address is in."""
    (_, word), = page_words(pid, address // PAGE * PAGE, address // PAGE * PAGE + PAGE)
    return word


def is_present(pid, address):
    """Whether a process has the page at an address in memory."""
    return bool(word_of_page(pid, address) & PRESENT)


def frame_flags(words):
    """{frame: its word in /proc/kpageflags} of the pages that are in memory; needs root."""
    with open("/proc/kpageflags", "rb", buffering=0) as file:
        return {word & FRAME: struct.unpack("=Q", os.pread(file.fileno(), 8, 8 * (word & FRAME)))[0]
                for _, word in words if word & PRESENT and word & FRAME}


MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_POPULATE_WRITE, MADV_GUARD_INSTALL = 14, 15, 23, 102


def can_guard():
    """Whether this kernel has guards that are not separate mappings; the page map shows them."""
    with mmap.mmap(-1, PAGE) as memory:
        try:
            memory.madvise(MADV_GUARD_INSTALL)
        except OSError:
            return False
    return True
