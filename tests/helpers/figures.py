# SPDX-License-Identifier: MIT
"""What the tests of figures share: processes that stand still, and what the kernel says of them."""
import ctypes
import os
import re
import signal
import struct
import subprocess
import sys

from conftest import wait_until

HEADER = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ")
PAGE = os.sysconf("SC_PAGESIZE")
PROPERTIES = {"kernelpagesize", "mmupagesize", "thpeligible", "protectionkey"}
SHARING = {"pss", "pss_dirty", "shared_clean", "shared_dirty", "private_clean", "private_dirty", "uss",
           "dirty", "shared", "locked"}

# What is added up, and which parts of it older kernels do without.
SUMS = {
    "rss": (["rss"], ["shared_hugetlb", "private_hugetlb"]),
    "uss": (["private_clean", "private_dirty"], ["private_hugetlb"]),
    "dirty": (["shared_dirty", "private_dirty"], []),
    "shared": (["shared_clean", "shared_dirty"], ["shared_hugetlb"]),
    "huge": (["anonhugepages"], ["shmempmdmapped", "filepmdmapped"]),
    "hugetlb": (["shared_hugetlb", "private_hugetlb"], []),
}


def parse_smaps(text):
    """{(start, end): {key in lower case: bytes or count}} of the text of smaps."""
    mappings = {}
    for line in text.splitlines():
        header = HEADER.match(line)
        if header:
            current = mappings.setdefault(tuple(int(address, 16) for address in header.groups()), {})
            continue
        key, value = line.split(":", 1)
        number = re.fullmatch(r"\s*(\d+)( kB)?\s*", value)
        if number and key != "Size":
            current[key.lower()] = int(number[1]) * (1024 if number[2] else 1)
    return mappings


def smaps(pid):
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="surrogateescape") as file:
        return parse_smaps(file.read())


def expected(kernel):
    """The kernel's figures of one mapping, and the sums of those that are there."""
    figures = dict(kernel)
    for name, (needed, late) in SUMS.items():
        if all(key in kernel for key in needed):
            figures[name] = sum(kernel.get(key, 0) for key in needed + late)
    return figures


def check(kernel, regions, is_live=False):
    """Each figure of each mapping is the sum of its regions', and no other figure is there; the number of
    figures that were compared. `is_live`: of files, others may have come to share pages since."""
    at = compared = 0
    for (_, high), figures in kernel.items():
        mine = []
        while at < len(regions) and int(regions[at]["end"], 16) <= high:
            mine.append(regions[at])
            at += 1
        wanted = expected(figures)
        for key, value in wanted.items():
            parts = [region["usage"][key] for region in mine]
            assert all(part >= 0 for part in parts), (mine[0]["start"], key)
            if is_live and key in SHARING and is_public(mine[0]["name"]):
                continue
            whole = parts[0] if key in PROPERTIES else sum(parts)
            assert whole == value, (mine[0]["start"], key)
            assert key not in PROPERTIES or set(parts) == {value}, (mine[0]["start"], key)
            compared += 1
        for region in mine:
            usage = region["usage"]
            assert usage["apportioned"] == (len(mine) > 1)
            # A key that this kernel does not have is null.
            assert {key for key in usage if usage[key] is not None} == set(wanted) | {"apportioned"}
    assert at == len(regions)
    return compared


def is_public(name):
    """Whether any process may map this, memmap among them: who shares its pages changes at any time."""
    return name is not None and os.path.exists(name)


class Stopped:
    """A program that printed a line and was stopped then, with its children: two readings of it agree."""

    def __init__(self, *argv, **kwargs):
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                      start_new_session=True, **kwargs)
        self.pid = self.child.pid
        self.line = self.child.stdout.readline().decode()
        if self.line:
            os.killpg(self.pid, signal.SIGSTOP)
            for pid in (self.pid, *self.children()):
                wait_for_stop(pid)
        else:
            self.__exit__()
            raise AssertionError(f"{argv[0]} ended before it was ready")

    def children(self):
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.pid, signal.SIGKILL)
        self.child.wait()
        self.child.stdout.close()


def wait_for_stop(pid):
    """Until each thread stands still."""
    for task in os.listdir(f"/proc/{pid}/task"):
        wait_until(lambda: re.search(r"^State:\s+T", status(pid, f"task/{task}/status"), re.M), f"{task} is stopped")


def python(code, **kwargs):
    """A stopped python that has run this; `mmap`, `ctypes`, `libc` and `os` are there for it to use."""
    before = ("import ctypes, mmap, os, sys, time\nlibc = ctypes.CDLL(None, use_errno=True)\n"
              "ANON = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS\n"
              "def address(m): return ctypes.addressof(ctypes.c_char.from_buffer(m))\nresult = ''\n")
    after = "\nprint(result, flush=True)\ntime.sleep(100000)"
    return Stopped(sys.executable, "-c", before + code + after, **kwargs)


def status(pid, name="status"):
    with open(f"/proc/{pid}/{name}", encoding="utf-8", errors="replace") as file:
        return file.read()


def status_number(pid, key, name="status"):
    """A number of status and its like, in bytes."""
    return int(re.search(rf"^{key}:\s+(\d+) kB", status(pid, name), re.M)[1]) * 1024


# ---- the page map, word by word: Documentation/admin-guide/mm/pagemap.rst ----

EXCLUSIVE, GUARD, FILE, SWAPPED, PRESENT = (1 << bit for bit in (56, 58, 61, 62, 63))
FRAME = (1 << 55) - 1


def page_words(pid, start, end):
    """[(address, word)] of the pages that begin in [start, end)."""
    first, last = -(-start // PAGE), -(-end // PAGE)
    with open(f"/proc/{pid}/pagemap", "rb", buffering=0) as file:
        data = os.pread(file.fileno(), 8 * (last - first), 8 * first)
    return list(zip(range(first * PAGE, last * PAGE, PAGE), struct.unpack(f"={last - first}Q", data)))


def frame_flags(words):
    """The word of /proc/kpageflags of each frame that is in memory; for root."""
    with open("/proc/kpageflags", "rb", buffering=0) as file:
        return {word & FRAME: struct.unpack("=Q", os.pread(file.fileno(), 8, 8 * (word & FRAME)))[0]
                for _, word in words if word & PRESENT and word & FRAME}


KPF_DIRTY, KPF_THP, KPF_ZERO_PAGE = (1 << bit for bit in (4, 22, 24))
MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_POPULATE_WRITE, MADV_GUARD_INSTALL = 14, 15, 23, 102


def can_guard():
    """Whether this kernel has guards without a mapping of their own."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    page = libc.mmap(None, ctypes.c_size_t(PAGE), 3, 0x22, -1, ctypes.c_size_t(0))
    return libc.madvise(ctypes.c_void_p(page), ctypes.c_size_t(PAGE), MADV_GUARD_INSTALL) == 0
