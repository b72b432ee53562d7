# SPDX-License-Identifier: MIT
"""-s: rows by kind, costs, and how near the process is to its limits; checked against the kernel's own numbers."""
import contextlib
import glob
import os
import re
import resource
import sys
from pathlib import Path

import pytest

from conftest import IS_64_BIT, memmap
from helpers.cores import need_core_limit
from helpers.documents import KINDS, raw_rows, target_of
from helpers.kernel import PAGE, mappings_of, status, status_number
from helpers.programs import python

# Has its own limits, a reserved range, locked memory, memory that grows downwards, and three threads.
PROGRAM = """
import resource, threading
resource.setrlimit(resource.RLIMIT_AS, (16 << 30, 16 << 30))
resource.setrlimit(resource.RLIMIT_STACK, (3 << 20, 3 << 20))
resource.setrlimit(resource.RLIMIT_MEMLOCK, (2 << 20, 2 << 20))
resource.setrlimit(resource.RLIMIT_CORE, (5 << 20, 5 << 20))
reserved = mmap.mmap(-1, 1 << 30, ANON, prot=0)
locked = mmap.mmap(-1, 1 << 20, ANON)
grows_down = mmap.mmap(-1, 1 << 20, ANON | 0x100)  # MAP_GROWSDOWN
libc.mlock(ctypes.c_void_p(address(locked)), ctypes.c_size_t(1 << 20))
for i in range(2): threading.Thread(target=time.sleep, args=(100000,)).start()
"""


@pytest.fixture(name="process", scope="module")
def fixture_process():
    need_core_limit(5 << 20)
    with python(PROGRAM) as process:
        yield process


def split_row(line, columns):
    """The cells of a line: a first cell, which may have blanks, and the words at the end."""
    cells = line.rsplit(maxsplit=columns)
    return [cells[0].strip(), *cells[1:]]


def parts_of(process, *options):
    """{heading: {first cell: the other cells}} of the tables, in bytes."""
    run = memmap("-s", "-b", *options, process.pid, text=True)
    assert (run.returncode, run.stderr) == (0, "")
    head, *parts = run.stdout.split("\n", 1)[0], *run.stdout.split("\n", 1)[1].split("\n\n")
    assert head.startswith(f"{process.pid}: ")
    found = {}
    for part in parts:
        headings, *rows = part.splitlines()
        columns = len(headings.split()) - 1
        found[headings.split()[0]] = {row[0]: row[1:] for row in (split_row(line, columns) for line in rows)}
    return found


def test_rows_are_totals(process):
    rows = parts_of(process, "-x")["KIND"]
    target = target_of("-s", "-x", process.pid)
    wanted = {kind: [str({**total, **total["usage"]}[key]) for key in ("regions", "size", "rss", "pss", "dirty", "swap")]
              for kind, total in target["totals"].items()}
    for kind, row in wanted.items():
        assert rows[kind][:3] == row[:3] and rows[kind][4:] == row[4:]  # memmap itself changes PSS
    assert list(rows) == [kind for kind in KINDS if kind in wanted] + ["TOTAL"]
    for i in (0, 1, 2, 4, 5):
        assert int(rows["TOTAL"][i]) == sum(int(row[i]) for kind, row in rows.items() if kind != "TOTAL")


def test_no_figures_unless_asked(process):
    assert set(map(len, parts_of(process)["KIND"].values())) == {2}
    assert set(map(len, parts_of(process, "-o", "+RSS")["KIND"].values())) == {3}


@pytest.mark.parametrize("column", ["START", "FLAGS", "THPELIGIBLE"])
def test_what_does_not_add_up_has_no_column(column):
    run = memmap("-s", "-o", f"+{column}", "1", text=True)
    assert (run.returncode, run.stdout) == (2, "")
    assert run.stderr.startswith(f"memmap: unknown column '{column}' of --summary; ")


def test_costs(process):
    memory = {name.split(",")[0]: int(cells[0]) for name, cells in parts_of(process)["MEMORY"].items()}
    maps = mappings_of(process.pid)
    reserved = sum(end - start for start, end, perms, _ in maps if perms.startswith("---"))
    assert memory["reserved"] == reserved >= 1 << 30
    # The vsyscall page belongs to no process, and the kernel does not count it.
    assert memory["committed"] == status_number(process.pid, "VmSize") - reserved
    size = sum(total["size"] for total in target_of(process.pid)["totals"].values())
    assert size - memory["committed"] - reserved == sum(m[1] - m[0] for m in maps if m[-1] == b"[vsyscall]")
    assert memory["resident"] == status_number(process.pid, "VmRSS")
    assert memory["swapped"] == status_number(process.pid, "VmSwap")
    assert memory["page tables"] == status_number(process.pid, "VmPTE") > 0
    numbers = target_of(process.pid)["process"]
    assert memory == {"reserved": numbers["reserved"], "committed": numbers["committed"],
                      "resident": numbers["resident"], "swapped": numbers["swapped"],
                      "page tables": numbers["page_tables"], "thread stacks": numbers["kernel_stacks"]}


def living_threads():
    """The number of living threads in this PID namespace. Zombies are not counted: they have no stack any more."""
    n = 0
    # Processes may end meanwhile. glob.glob() passes over them; Path.glob() raises ProcessLookupError.
    for path in glob.glob("/proc/[0-9]*/task/[0-9]*/stat"):
        with contextlib.suppress(OSError):
            n += not re.search(r"\) [ZX] ", Path(path).read_text(errors="replace"))
    return n


def test_kernel_stacks(process):
    """Each kernel stack has a power of two pages; that agrees with meminfo's figure for all threads of the system."""
    one, rest = divmod(target_of(process.pid)["process"]["kernel_stacks"], 3)
    assert rest == 0 and one % PAGE == 0 and (one & one - 1) == 0
    total = status_number("self", "KernelStack", "../meminfo")
    threads = int(Path("/proc/loadavg").read_text(encoding="ascii").split("/")[1].split()[0])
    assert one / 2 * living_threads() < total < one * 2 * threads


def test_limits(process):
    limits = parts_of(process)["LIMIT"]
    by_name = {re.search(r"\((.*)\)", name)[1]: cells for name, cells in limits.items()}
    # The kernel does not count the vsyscall page, which belongs to no process.
    own = [m for m in mappings_of(process.pid) if m[0] < 1 << 63]
    used = {"vm.max_map_count": len(own),
            "ulimit -v": status_number(process.pid, "VmSize"),
            # Not VmStk, which counts all mappings that grow downwards.
            "ulimit -s": next(m[1] - m[0] for m in mappings_of(process.pid) if m[-1] == b"[stack]"),
            "ulimit -l": status_number(process.pid, "VmLck")}
    most = {"vm.max_map_count": int(Path("/proc/sys/vm/max_map_count").read_text(encoding="ascii")),
            "ulimit -v": resource.prlimit(process.pid, resource.RLIMIT_AS)[0],
            "ulimit -s": resource.prlimit(process.pid, resource.RLIMIT_STACK)[0],
            "ulimit -l": resource.prlimit(process.pid, resource.RLIMIT_MEMLOCK)[0]}
    assert (most["ulimit -v"], most["ulimit -s"], most["ulimit -l"]) == (16 << 30, 3 << 20, 2 << 20)
    assert used["ulimit -l"] == 1 << 20
    # Only smaps tells how much of it is used.
    assert by_name.pop("ulimit -c") == ["-", str(5 << 20), "-"]
    for name, cells in by_name.items():
        assert cells == [str(used[name]), str(most[name]), str(used[name] * 100 // most[name])], name
    assert by_name.keys() == used.keys()


def test_limits_in_json(process):
    limits = target_of(process.pid)["process"]["limits"]
    assert limits["locked"] == {"used": 1 << 20, "max": 2 << 20, "unlimited": False}
    assert limits["virtual"]["max"] == 16 << 30 and limits["stack"]["max"] == 3 << 20


def test_unlimited():
    with python("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))") as process:
        assert target_of(process.pid)["process"]["limits"]["virtual"]["max"] is None
        assert target_of(process.pid)["process"]["limits"]["virtual"]["unlimited"]
        virtual = status_number(process.pid, "VmSize")
        assert parts_of(process)["LIMIT"]["address space (ulimit -v)"] == [str(virtual), "unlimited", "-"]


# All but what the kernel maps in its own half; with 32 bits, all but libraries and the stack.
LOWER = "0,7fffffffffff" if IS_64_BIT else "0,bfffffff"


@pytest.mark.parametrize("options", [["-k", "heap,text"], ["-A", LOWER], ["--name", "libc*"],
                                     ["--perms", "rw"]], ids=" ".join)
def test_narrowed(process, options):
    """Only the rows by kind are narrowed; costs and limits are still those of the whole process."""
    some, whole = parts_of(process, "-o", "+RSS", *options), parts_of(process, "-o", "+RSS")
    totals = target_of("-o", "+RSS", *options, process.pid)["totals"]
    assert {kind: row for kind, row in some["KIND"].items() if kind != "TOTAL"} == \
           {kind: [str({**total, **total["usage"]}[key]) for key in ("regions", "size", "rss")] for kind, total in totals.items()}
    assert some["KIND"]["TOTAL"][1] == str(sum(total["size"] for total in totals.values()))
    assert int(some["KIND"]["TOTAL"][1]) < int(whole["KIND"]["TOTAL"][1])
    assert (some["MEMORY"], some["LIMIT"]) == (whole["MEMORY"], whole["LIMIT"])


@pytest.mark.parametrize("option", ["--raw", "--noheadings"])
def test_one_table_for_scripts(process, option):
    run = memmap("-s", "-b", option, process.pid)
    rows = [line.split() for line in run.stdout.decode().splitlines()]
    assert {len(row) for row in rows} == {3}
    assert (rows[0] == ["KIND", "REGIONS", "SIZE"]) == (option == "--raw")
    assert {row[0] for row in rows} <= {*KINDS, "TOTAL", "KIND"} and len(rows) > 8


MAPS = "00010000-00020000 rw-p 00000000 00:00 0 \n00020000-00040000 ---p 00000000 00:00 0 \n"
SMAPS = MAPS.replace("\n", "\nRss: 8 kB\n", 1) + "Rss: 0 kB\n"
STATUS = "VmSize:\t     {} kB\nVmRSS:\t      8 kB\nThreads:\t3\n"


def tree_of(directory, size, rss):
    process = directory / "4242"
    process.mkdir()
    rollup = f"00010000-00040000 ---p 00000000 00:00 0    [rollup]\nRss: {rss} kB\n"
    files = {"maps": MAPS, "smaps": SMAPS, "status": STATUS.format(size), "smaps_rollup": rollup}
    for name, text in files.items():
        (process / name).write_text(text)
    return directory


def test_huge_pages_are_resident(tmp_path):
    """Huge pages count as resident: the kernel's VmRSS leaves out those of hugetlb."""
    status = tree_of(tmp_path, 192, 8) / "4242/status"
    status.write_text(status.read_text() + "HugetlbPages:\t   2048 kB\n")
    assert target_of("--procfs", tmp_path, "4242")["process"]["resident"] == (2048 + 8) << 10


def test_totals_that_agree(tmp_path):
    run = memmap("-s", "-x", "--procfs", tree_of(tmp_path, 192, 8), "4242")
    assert (run.returncode, run.stderr) == (0, b"")


@pytest.mark.parametrize(("size", "rss", "words"), [(196, 8, ["196608", "200704", "VmSize"]),
                                                    (192, 12, ["8192", "12288", "smaps_rollup"])])
def test_totals_that_differ(tmp_path, size, rss, words):
    """memmap reports the difference in one line, and in a note; it is no failure."""
    tree = tree_of(tmp_path, size, rss)
    run = memmap("-s", "-x", "--procfs", tree, "4242", text=True)
    assert run.returncode == 0 and run.stderr.count("\n") == 1
    assert run.stderr.startswith("memmap: 4242: ") and all(word in run.stderr for word in words)
    target = target_of("-s", "-x", "--procfs", tree, "4242")
    assert [note["code"] for note in target["notes"]] == ["totals-differ"]


def test_rollup_is_not_needed(tmp_path):
    """Without figures, smaps_rollup is not read: it costs as much as smaps."""
    assert memmap("-s", "--procfs", tree_of(tmp_path, 192, 12), "4242").stderr == b""


LEAST_STACK = 16 if sys.maxsize > 1 << 32 else 8


@pytest.mark.parametrize(("total", "one"), [(800, LEAST_STACK), (1300, LEAST_STACK), (3300, 16), (4700, 16), (4900, 32)])
def test_costs_of_a_tree(tmp_path, total, one):
    """
    All numbers come from the tree, none from this machine. The stack of a thread is the power of two that fits best,
    but not less than that of any kernel: many of the threads may be zombies, which have none.
    """
    tree = tree_of(tmp_path, 192, 8)
    (tree / "meminfo").write_text(f"MemTotal: 100 kB\nKernelStack:     {total} kB\n")
    (tree / "loadavg").write_text("0.00 0.01 0.05 1/200 4242\n")
    (tree / "sys" / "vm").mkdir(parents=True)
    (tree / "sys" / "vm" / "max_map_count").write_text("4\n")
    (tree / "4242" / "limits").write_text(
        "Limit                     Soft Limit           Hard Limit           Units     \n"
        "Max stack size            8388608              unlimited            bytes     \n"
        "Max address space         unlimited            unlimited            bytes     \n")
    numbers = target_of("-s", "--procfs", tree, "4242")["process"]
    assert (numbers["reserved"], numbers["committed"]) == (128 << 10, 64 << 10)
    assert numbers["kernel_stacks"] == 3 * (one << 10)
    assert numbers["limits"] == {
        "mappings": {"used": 2, "max": 4, "unlimited": False},
        "virtual": {"used": 192 << 10, "max": None, "unlimited": True},
        "stack": {"used": None, "max": 8388608, "unlimited": False},
        "locked": {"used": None, "max": None, "unlimited": None},
        "core": {"used": None, "max": None, "unlimited": None}}


def test_nothing_known(tmp_path):
    """What is unknown is - everywhere, never 0."""
    (tmp_path / "4242").mkdir()
    (tmp_path / "4242" / "maps").write_text(MAPS)
    text = memmap("-s", "--procfs", tmp_path, "4242").stdout.decode()
    assert re.search(r"^page tables, in the kernel +-$", text, re.M)
    assert re.search(r"^thread stacks, in the kernel +-$", text, re.M)
    assert re.search(r"^mappings \(vm.max_map_count\) +2 +- +-$", text, re.M)
    assert re.search(r"^main stack \(ulimit -s\) +- +- +-$", text, re.M)


def test_json_is_as_small_as_the_view(process):
    """The document of -s has only a few kilobytes, since there may be many processes."""
    one, other = target_of(process.pid), target_of("-s", process.pid)
    for left_out in ("taken_at", "sections", "regions", "modules", "threads"):
        one.pop(left_out), other.pop(left_out, None)
    assert one == other
    assert len(memmap("-J", "-s", process.pid).stdout) < 4096


def test_raw_rows_of_several(process):
    run = memmap("-s", "-r", process.pid, os.getpid())
    assert [row[0] for row in raw_rows(run.stdout)].count("TOTAL") == 2


@pytest.mark.parametrize("options", [["-n"], ["-rn"], ["-q"]], ids=" ".join)
def test_rows_alone(process, options):
    """There is no TOTAL, which a script would add to the rows, and nothing below the rows."""
    lines = memmap("-s", *options, process.pid, os.getpid(), text=True).stdout.splitlines()
    assert lines and {line.split()[0] for line in lines} <= set(KINDS)
    modules = memmap("-m", "-o", "NAME", *options, process.pid, text=True).stdout.split()
    assert modules and "TOTAL" not in modules


def test_status_is_of_the_process(process):
    """A thread's ID names its process, with all its threads."""
    tid = next(task for task in os.listdir(f"/proc/{process.pid}/task") if int(task) != process.pid)
    assert "Threads:\t3" in status(process.pid)
    assert target_of("-s", tid)["process"]["threads"] == 3
