# SPDX-License-Identifier: MIT
"""RSS, PSS, swap and the other figures: the kernel's own, of every mapping, in every column."""
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from conftest import MEMMAP, memmap, memmap_json, need

HEADER = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ")
HEADERS = re.compile(r"^[0-9a-f]+-[0-9a-f]+ ", re.M)
SHARING = {"pss", "pss_dirty", "shared_clean", "shared_dirty", "private_clean", "private_dirty",
           "uss", "dirty", "shared", "locked"}
PROPERTIES = {"kernelpagesize", "mmupagesize", "thpeligible", "protectionkey"}


def smaps(pid, path=None):
    """{(start, end): {key in lower case: bytes or count}} as the kernel has it."""
    mappings = {}
    with open(path or f"/proc/{pid}/smaps", encoding="utf-8", errors="surrogateescape") as file:
        for line in file:
            header = HEADER.match(line)
            if header:
                current = mappings.setdefault(tuple(int(a, 16) for a in header.groups()), {})
                continue
            key, value = line.split(":", 1)
            number = re.fullmatch(r"\s*(\d+)( kB)?\s*", value)
            if number and key != "Size":
                current[key.lower()] = int(number[1]) * (1024 if number[2] else 1)
    return mappings


def expected(kernel):
    """The kernel's figures of one mapping, and what is derived from them."""
    figures = dict(kernel)
    hugetlb = kernel["shared_hugetlb"] + kernel["private_hugetlb"]
    figures["rss"] += hugetlb
    figures["uss"] = kernel["private_clean"] + kernel["private_dirty"] + kernel["private_hugetlb"]
    figures["dirty"] = kernel["shared_dirty"] + kernel["private_dirty"]
    figures["shared"] = kernel["shared_clean"] + kernel["shared_dirty"] + kernel["shared_hugetlb"]
    figures["huge"] = kernel["anonhugepages"] + kernel["shmempmdmapped"] + kernel["filepmdmapped"]
    figures["hugetlb"] = hugetlb
    return figures


class Stopped:
    """A process that stands still, so that two readings of it agree."""

    def __init__(self, child):
        self.child = child
        self.pid = child.pid

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)
        while "T (stopped)" not in open(f"/proc/{self.pid}/status", encoding="utf-8", errors="replace").read():
            time.sleep(0.01)
        return self

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()
        self.child.stdout.close()


def start(*argv):
    """Starts a program that prints a line when it is ready."""
    child = subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    assert child.stdout.readline()
    return child


def python(code):
    return lambda: start(sys.executable, "-c", f"import mmap, time\n{code}\nprint('ready', flush=True)\ntime.sleep(1000)")


def node():
    return start(need("node"), "-e", "setInterval(() => {}, 1e6); console.log('ready')")


PROGRAMS = {
    "python": python("import json, ssl, sqlite3"),
    "small-pages": python("m = mmap.mmap(-1, 256 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
                          "m.madvise(15)\nfor i in range(0, len(m), 4096): m[i] = 1"),
    "huge-pages": python("m = mmap.mmap(-1, 64 << 20, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)\n"
                         "m.madvise(14)\nfor i in range(0, len(m), 4096): m[i] = 1"),
    "forked": python("import os\nx = bytearray(8 << 20)\nr, w = os.pipe()\n"
                     "if os.fork() == 0:\n x[:1 << 20] = b'x' * (1 << 20)\n os.write(w, b'x')\n time.sleep(1000)\n"
                     "os.read(r, 1)"),
    "locked": python("import ctypes\nm = mmap.mmap(-1, 1 << 20)\nctypes.CDLL(None).mlockall(1)"),
    "many": python("import ctypes\nlibc = ctypes.CDLL(None)\n"
                   "libc.mmap.restype = ctypes.c_void_p\n"
                   "p = libc.mmap(None, ctypes.c_size_t(60000 * 4096), 3, 0x22, -1, ctypes.c_size_t(0))\n"
                   "for i in range(0, 60000, 2): libc.mprotect(ctypes.c_void_p(p + i * 4096), 4096, 1)"),
    "node": node,
}


def own_files():
    """What memmap itself maps while it runs: each page of these has one user more meanwhile."""
    text = subprocess.run(["ldd", MEMMAP], stdout=subprocess.PIPE, text=True, check=True).stdout
    return {os.path.realpath(path) for path in re.findall(r"(/\S+) \(0x", text)}


def check(kernel, regions, but=frozenset()):
    """Each figure of each mapping is the sum of its regions'. `but`: files whose sharing has changed."""
    at = 0
    for (low, high), figures in kernel.items():
        mine = []
        while at < len(regions) and int(regions[at]["end"], 16) <= high:
            mine.append(regions[at])
            at += 1
        wanted = expected(figures)
        usages = [region["usage"] for region in mine]
        # A key that this kernel does not have is null, and none is lost.
        assert {key for key in usages[0] if usages[0][key] is not None} == set(wanted) | {"apportioned"}
        for key, value in wanted.items():
            parts = [usage[key] for usage in usages]
            assert all(0 <= part <= value for part in parts)
            if key in SHARING and mine[0]["name"] in but:
                continue
            if key in PROPERTIES:
                assert set(parts) == {value}, (hex(low), key)
            else:
                assert sum(parts) == value, (hex(low), key)
        assert all(usage["apportioned"] == (len(mine) > 1) for usage in usages)
    assert at == len(regions)


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_figure_of_every_mapping(name):
    with Stopped(PROGRAMS[name]()) as process:
        kernel = smaps(process.pid)
        check(kernel, memmap_json("-x", process.pid)["targets"][0]["regions"], own_files())


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_figure_of_a_copy(name, tmp_path):
    """The same from a copy of smaps, which memmap's own running cannot change."""
    with Stopped(PROGRAMS[name]()) as process:
        tree = tmp_path / str(process.pid)
        tree.mkdir()
        for file in ("smaps", "stat", "status", "auxv", "comm"):
            (tree / file).write_bytes(open(f"/proc/{process.pid}/{file}", "rb").read())
        (tree / "root").symlink_to("/")
        smaps_text = (tree / "smaps").read_text(errors="surrogateescape")
    copy = memmap_json("-x", "--procfs", tmp_path, process.pid)["targets"][0]["regions"]
    assert len(copy) > len(HEADERS.findall(smaps_text))  # some mapping is divided
    check(smaps(process.pid, tree / "smaps"), copy)


@pytest.mark.parametrize("name", PROGRAMS)
def test_resident_alone_without_smaps(name):
    """From the page map where the kernel can scan it, and equal to smaps all the same."""
    with Stopped(PROGRAMS[name]()) as process:
        full = memmap_json("-x", process.pid)["targets"][0]["regions"]
        alone = memmap_json("-o", "+RSS,SWAP", process.pid)["targets"][0]["regions"]
        assert [(r["start"], r["usage"]["rss"], r["usage"]["swap"]) for r in alone] == \
               [(r["start"], r["usage"]["rss"], r["usage"]["swap"]) for r in full]


def test_totals_agree_with_the_kernel():
    with Stopped(PROGRAMS["python"]()) as process:
        run = memmap("-s", "-x", process.pid)
        assert (run.returncode, run.stderr) == (0, b"")
        document = memmap_json("-s", "-x", process.pid)
        totals = document["targets"][0]["totals"].values()
        rollup = open(f"/proc/{process.pid}/smaps_rollup", encoding="utf-8").read()
        status = open(f"/proc/{process.pid}/status", encoding="utf-8").read()
        assert sum(t["rss"] for t in totals) == int(re.search(r"^Rss:\s+(\d+)", rollup, re.M)[1]) * 1024
        mapped = sum(t["size"] for t in totals) - 4096 * ("[vsyscall]" in open(f"/proc/{process.pid}/maps").read())
        assert mapped == int(re.search(r"^VmSize:\s+(\d+)", status, re.M)[1]) * 1024
