# SPDX-License-Identifier: MIT
"""RSS, PSS, swap and the other figures are the kernel's own, for every mapping and in every column."""
import contextlib
import os
import re
import resource

import pytest

from conftest import memmap, memmap_json, missing, need, need_64_bit, refused
from helpers.documents import raw_rows, target_of
from helpers.figures import check_figures, is_public, parse_smaps, smaps
from helpers.kernel import status, status_number
from helpers.programs import Stopped, python
from helpers.users import huge_pages

GIB = 1 << 30

# The parent continues when the child has done its part.
FORK = ("r, w = os.pipe()\nif os.fork() == 0:\n {child}\n os.write(w, b'x')\n time.sleep(100000)\n"
        "os.read(r, 1)")

THREADS_IN_JAVA = """
public class Threads {
    public static void main(String[] args) throws Exception {
        var ready = new java.util.concurrent.CountDownLatch(30);
        for (int i = 0; i < 30; i++)
            new Thread(() -> {
                byte[] mine = new byte[1 << 18];
                ready.countDown();
                try { Thread.sleep(1L << 40); } catch (InterruptedException e) { }
            }).start();
        ready.await();
        System.out.println("ready");
    }
}
"""


@contextlib.contextmanager
def jvm(directory):
    need("javac")
    source = directory / "Threads.java"
    source.write_text(THREADS_IN_JAVA)
    with Stopped(need("java"), "-Xmx64m", source) as process:
        assert int(re.search(r"^Threads:\s+(\d+)", status(process.pid), re.M)[1]) > 30
        yield process


def large(advice):
    """A process of 3 GiB: more than a signed number of 32 bits holds, and one or two pieces for a scan."""
    if int(re.search(r"^MemAvailable:\s+(\d+)", open("/proc/meminfo").read(), re.M)[1]) < 4 * GIB // 1024:
        missing("4 GiB of free memory")
    return python(f"m = mmap.mmap(-1, 3 << 30, ANON)\nm.madvise({advice})\nm.madvise(23)")


def locked():
    """A process that has locked all of its memory or, if the limit (mostly 8 MiB) is too low for that, 1 MiB."""
    limit, _ = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    if os.geteuid() != 0 and 0 <= limit < 1 << 20:
        refused("the right to lock 1 MiB (root, or ulimit -l 1024)")
    return python("m = mmap.mmap(-1, 1 << 20)\n"
                  "libc.mlockall(1) and libc.mlock(ctypes.c_void_p(address(m)), 1 << 20)")


@contextlib.contextmanager
def hugetlb():
    """A process with a private hugetlb page, and one that a child maps, too."""
    with huge_pages(4), python(
            "HUGETLB = 0x40000\na = mmap.mmap(-1, 4 << 20, ANON | HUGETLB)\n"
            "b = mmap.mmap(-1, 4 << 20, mmap.MAP_SHARED | mmap.MAP_ANONYMOUS | HUGETLB)\n"
            "b[0] = 1\n" + FORK.format(child="b[0] = 2") + "\na[0] = 1") as process:
        yield process


PROGRAMS = {
    "python": lambda _: python("import json, ssl, sqlite3"),
    "small-pages": lambda _: python("m = mmap.mmap(-1, 64 << 20, ANON)\nm.madvise(15)\nm.madvise(23)"),
    "huge-pages": lambda _: python("m = mmap.mmap(-1, 64 << 20, ANON)\nm.madvise(14)\nm.madvise(23)"),
    "huge-zero-page": lambda _: python("m = mmap.mmap(-1, 8 << 20, ANON)\nm.madvise(14)\n"
                                       "x = sum(m[i] for i in range(0, len(m), 4096))"),
    # A scan stops and goes on after so many gigabytes, and after so many runs of pages.
    "sparse": lambda _: python("m = mmap.mmap(-1, 9 << 30, ANON | 0x4000)\nm.madvise(15)\n"
                               "for i in range(0, 16 << 20, 8192): m[i] = 1\n"
                               "at = -address(m) % (4 << 30)\n"
                               "for i in (at - 1, at, at + (4 << 30) - 1, at + (4 << 30), -1): m[i] = 1"),
    "3-gib": lambda _: large(15),
    "3-gib-huge": lambda _: large(14),
    "hugetlb": lambda _: hugetlb(),
    "forked": lambda _: python("x = bytearray(8 << 20)\n"
                               + FORK.format(child="x[:1 << 20] = b'x' * (1 << 20)")),
    "shared": lambda _: python(
        "fd = os.memfd_create('shared')\n"
        "os.ftruncate(fd, 1 << 20)\nm = mmap.mmap(fd, 1 << 20)\nlibc.shmat.restype = ctypes.c_void_p\n"
        "id = libc.shmget(0, 1 << 20, 0o1600)\ns = libc.shmat(id, None, 0)\nlibc.shmctl(id, 0, None)\n"
        "m[:1 << 19] = bytes(1 << 19)\nctypes.memset(s, 1, 1 << 19)\n"
        + FORK.format(child="m[1 << 18:] = bytes((1 << 20) - (1 << 18)); ctypes.memset(s, 2, 1 << 18)")),
    "locked": lambda _: locked(),
    "many": lambda _: python("libc.mmap.restype = ctypes.c_void_p\n"
                             "size = ctypes.c_size_t(60000 * 4096)\n"
                             "p = libc.mmap(None, size, 3, 0x22, -1, ctypes.c_size_t(0))\n"
                             "for i in range(0, 60000, 2):\n"
                             " libc.mprotect(ctypes.c_void_p(p + i * 4096), 4096, 1)"),
    "node": lambda _: Stopped(need("node"), "-e", "setInterval(() => {}, 1e6); console.log('ready')"),
    "jvm": jvm,
}


@pytest.fixture(name="process", scope="module", params=PROGRAMS)
def fixture_process(request, tmp_path_factory):
    """The processes, one after the other: each runs only during its own tests."""
    if request.param in ("sparse", "3-gib", "3-gib-huge"):
        need_64_bit("gigabytes of memory")
    with PROGRAMS[request.param](tmp_path_factory.mktemp("process")) as process:
        process.name = request.param
        yield process


def test_the_program_has_what_it_is_here_for(process):
    """Each program has the memory that it is here for: otherwise the tests below would compare zeroes."""
    kernel = smaps(process.pid).values()
    least = {"huge-pages": ("anonhugepages", 32 << 20), "3-gib": ("rss", 3 * GIB),
             "3-gib-huge": ("anonhugepages", 2 * GIB), "locked": ("locked", 1 << 20),
             "forked": ("shared_dirty", 4 << 20), "shared": ("shared_dirty", 1 << 20)}
    key, value = least.get(process.name, ("rss", 4 << 20))
    assert sum(figures[key] for figures in kernel) >= value
    if process.name == "hugetlb":
        assert sum(figures["private_hugetlb"] for figures in kernel) == 2 << 20
        assert sum(figures["shared_hugetlb"] for figures in kernel) == 2 << 20
    if process.name == "many":
        assert len(kernel) > 60000


def test_every_figure_of_every_mapping(process):
    kernel = smaps(process.pid)
    compared = check_figures(kernel, target_of("-x", process.pid)["regions"], is_live=True)
    assert compared > 15 * len(kernel)


def copy_tree(process, directory):
    """Copies what memmap reads of a process, as it is now, except the page map."""
    tree = directory / "proc" / str(process.pid)
    tree.mkdir(parents=True)
    for file in ("smaps", "stat", "status", "auxv", "comm"):
        (tree / file).write_bytes(open(f"/proc/{process.pid}/{file}", "rb").read())
    (tree / "root").symlink_to("/")
    return tree


def test_every_figure_of_a_copy(process, tmp_path):
    """Every figure of a copy of smaps is exact: memmap's own run cannot change the copy."""
    tree = copy_tree(process, tmp_path)
    kernel = parse_smaps((tree / "smaps").read_text(errors="surrogateescape"))
    regions = target_of("-x", "--procfs", tree.parent, process.pid)["regions"]
    assert len(regions) > len(kernel)  # some mapping is divided
    check_figures(kernel, regions)


def test_resident_alone_without_smaps(process):
    """RSS and SWAP alone equal those of smaps, even if they come from a scan of the page map."""
    full = target_of("-x", process.pid)["regions"]
    alone = target_of("-o", "+RSS,SWAP", process.pid)["regions"]
    assert [(r["start"], r["usage"]["rss"], r["usage"]["swap"]) for r in alone] == \
           [(r["start"], r["usage"]["rss"], r["usage"]["swap"]) for r in full]


def test_totals_agree_with_the_kernel(process):
    """Totals equal the kernel's. Nothing has changed meanwhile, so memmap prints no message."""
    for options in (["-s"], ["-s", "-x"], ["-s", "-o", "+RSS"], ["-s", "-o", "+RSS,SWAP,KIND"]):
        run = memmap(*options, process.pid)
        assert (run.returncode, run.stderr) == (0, b""), options
    target = target_of("-s", "-x", process.pid)
    totals = target["totals"].values()
    hugetlb_bytes = sum(total["usage"]["hugetlb"] for total in totals)
    assert sum(t["usage"]["rss"] for t in totals) == status_number(process.pid, "Rss", "smaps_rollup") + hugetlb_bytes
    assert sum(t["usage"]["swap"] for t in totals) == status_number(process.pid, "Swap", "smaps_rollup")
    vsyscall = sum(r["size"] for r in target_of(process.pid)["regions"] if r["name"] == "[vsyscall]")
    assert sum(t["size"] for t in totals) - vsyscall == status_number(process.pid, "VmSize")
    assert target["notes"] == []


@pytest.fixture(name="still", scope="module")
def fixture_still():
    with python("import json\nm = mmap.mmap(-1, 1 << 20, ANON)\nm[:1 << 19] = bytes(1 << 19)") as process:
        yield process


@pytest.mark.parametrize("options", [[], ["-k", "data,bss,anon"], ["-A", "0,7fffffffffff"],
                                     ["--name", "libc*"]], ids=" ".join)
def test_totals_are_sums_of_what_is_shown(still, options):
    target = target_of("-x", *options, still.pid)
    assert target["totals"] and any(region["usage"]["apportioned"] for region in target["regions"])
    for kind, total in target["totals"].items():
        usages = [region["usage"] for region in target["regions"] if region["kind"] == kind]
        for key, value in total["usage"].items():
            known = [usage[key] for usage in usages if usage[key] is not None]
            assert value == (sum(known) if known else None), (kind, key)


COLUMNS = {column: column.lower() for column in
           "RSS PSS PSS_DIRTY USS DIRTY SHARED SHARED_CLEAN SHARED_DIRTY PRIVATE_CLEAN PRIVATE_DIRTY "
           "REFERENCED LAZYFREE HUGE ANONHUGEPAGES SHMEMPMDMAPPED FILEPMDMAPPED HUGETLB SHARED_HUGETLB "
           "PRIVATE_HUGETLB SWAP SWAPPSS LOCKED KSM THPELIGIBLE PROTECTIONKEY KERNELPAGESIZE "
           "MMUPAGESIZE".split()}
COLUMNS["ANON"] = "anonymous"


def test_each_column_is_its_key(still):
    run = memmap("-rnb", "--output-all", still.pid)
    assert run.returncode == 0
    names = memmap("-H").stdout.decode().splitlines()
    names = [line.split()[0] for line in names]
    regions = target_of("-X", still.pid)["regions"]
    rows = [dict(zip(names, line.split(" "))) for line in run.stdout.decode().splitlines()]
    assert len(rows) == len(regions)
    for row, region in zip(rows, regions):
        assert int(row["START"], 16) == int(region["start"], 16)
        assert row["FLAGS"] == (",".join(region["flags"]) or "-")
        for column, key in COLUMNS.items():
            if not is_public(region["name"]):
                value = region["usage"][key]
                assert row[column] == ("-" if value is None else str(value)), column


@pytest.mark.parametrize("column", ["RSS", "DIRTY", "ANON", "REFERENCED"])
def test_sort_by_a_figure(still, column):
    """A column need not be shown to sort by it: the order is the same as if it were."""
    order = ("--sort", "-" + column)
    rows = raw_rows(memmap("-rnb", "-o", f"{column},START", *order, still.pid).stdout)
    values = [int(value) for value, _ in rows]
    assert values == sorted(values, reverse=True) and values[0] > values[-1]
    assert [[start] for _, start in rows] == raw_rows(memmap("-rnb", "-o", "START", *order, still.pid).stdout)


def test_options_of_figures(still):
    """-x and -X choose columns, -o replaces or extends them, in any order."""
    def headings(*options):
        return memmap("-r", *options, still.pid).stdout.decode().splitlines()[0].split(" ")

    assert headings("-x") == "START END SIZE RSS PSS DIRTY SWAP PERMS KIND NAME".split()
    assert headings("-x", "-o", "+USS") == headings("-o", "+USS", "-x") == [*headings("-x"), "USS"]
    assert set(COLUMNS) | {"FLAGS"} <= set(headings("-X"))
    assert headings("-x", "-o", "RSS") == ["RSS"]


def test_json_has_figures_only_when_asked(still):
    assert not any("usage" in region or "flags" in region for region in target_of(still.pid)["regions"])
    alone = target_of("-o", "+RSS", still.pid)["regions"]
    assert all(set(region["usage"]) == {"rss", "swap", "apportioned"} for region in alone)


def test_several_processes(still):
    """Several processes each have their own figures: nothing is left over from the one before."""
    with python("m = mmap.mmap(-1, 1 << 20, ANON)") as other:
        both = memmap_json("-x", still.pid, other.pid)["targets"]
        for target, process in zip(both, (still, other)):
            check_figures(smaps(process.pid), target["regions"], is_live=True)


