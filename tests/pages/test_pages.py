# SPDX-License-Identifier: MIT
"""--pages shows the state of every page, compared with the page map and with what the program did."""
import json
import os
import re

import pytest

from conftest import memmap, missing
from helpers.documents import assert_error, assert_valid, raw_rows, target_of
from helpers.figures import is_public, smaps
from helpers.kernel import (EXCLUSIVE, FILE, FRAME, GUARD, KPF_DIRTY, KPF_THP, KPF_ZERO_PAGE, PAGE, PRESENT,
                            SWAPPED, can_guard, frame_flags, page_words)
from helpers.programs import python
from helpers.users import NOBODY, memmap_as_nobody, need_root

# Ten pages of each state, one after the other: written, read, guarded, given back, never touched; 4 MiB of
# huge pages; memory that a child shares in part.
PROGRAM = """
def pages(n, flags=ANON, fd=-1):
    m = mmap.mmap(fd, n * 4096, flags)
    m.madvise(15)
    return m
small = pages(50)
for i in range(10): small[i * 4096] = 1
x = sum(small[i * 4096] for i in range(10, 20))
libc.madvise(ctypes.c_void_p(address(small) + 20 * 4096), ctypes.c_size_t(10 * 4096), 102)
for i in range(30, 40): small[i * 4096] = 1
libc.madvise(ctypes.c_void_p(address(small) + 30 * 4096), ctypes.c_size_t(10 * 4096), 4)
huge = mmap.mmap(-1, 8 << 20, ANON)
huge.madvise(14)
at = -address(huge) % (2 << 20)
for i in range(at, at + (4 << 20), 4096): huge[i] = 1
both = pages(20)
both[:20 * 4096] = bytes(20 * 4096)
shm = mmap.mmap(-1, 20 * 4096)
shm[:10 * 4096] = bytes(10 * 4096)
r, w = os.pipe()
if os.fork() == 0:
    both[:10 * 4096] = bytes(10 * 4096)
    shm[:5 * 4096] = bytes(5 * 4096)
    os.write(w, b'x')
    time.sleep(100000)
os.read(r, 1)
result = ' '.join(f'{address(m):x}' for m in (small, huge, both, shm)) + f' {address(huge) + at:x}'
"""


class Program:
    """PROGRAM, stopped, and the addresses of its parts."""

    def __init__(self, **kwargs):
        self.stopped = python(PROGRAM, **kwargs)
        self.pid = self.stopped.pid
        names = ("small", "huge", "both", "shm", "aligned")
        self.at = dict(zip(names, (int(word, 16) for word in self.stopped.line.split())))


@pytest.fixture(name="program", scope="module")
def fixture_program():
    program = Program()
    with program.stopped:
        yield program


def pages_of(target):
    """{address: run} of each page."""
    pages = {}
    for run in target["pages"]:
        start, end = int(run["start"], 16), int(run["end"], 16)
        assert start % PAGE == end % PAGE == 0 and run["size"] == end - start > 0
        for address in range(start, end, PAGE):
            assert address not in pages
            pages[address] = run
    return pages


def states(program, name, first, last):
    start = program.at[name]
    pages = pages_of(target_of("--pages", "-A", f"{start:x}", program.pid))
    return [pages[start + i * PAGE]["state"] for i in range(first, last)]


def test_what_the_program_did(program):
    assert states(program, "small", 0, 10) == ["resident"] * 10
    assert states(program, "small", 10, 20) == ["zero"] * 10
    assert states(program, "small", 30, 50) == ["untouched"] * 20


def test_guards(program):
    if not can_guard():
        missing("MADV_GUARD_INSTALL (Linux 6.13)")
    assert states(program, "small", 20, 30) == ["guard"] * 10
    rows = memmap("--pages", "-A", f"{program.at['small']:x}", program.pid).stdout.decode()
    assert re.search(rf"^ *{program.at['small'] + 20 * PAGE:x} .* 40K +10 guard +- +- +- +anon", rows, re.M)


def test_guards_are_not_swap_nor_resident(program):
    regions = target_of("-o", "+RSS,SWAP", "-A", f"{program.at['small']:x}", program.pid)["regions"]
    run = regions[0]
    resident = [word for _, word in page_words(program.pid, int(run["start"], 16), int(run["end"], 16))
                if word & PRESENT]
    zeroes = states(program, "small", 0, 50).count("zero")
    assert run["usage"]["rss"] == (len(resident) - zeroes) * PAGE
    assert run["usage"]["swap"] == 0


def test_fork(program):
    """Pages that the child has not written to are shared; where it has its own copy, the parent's is private."""
    start = program.at["both"]
    pages = pages_of(target_of("--pages", "-A", f"{start:x}", program.pid))
    users = [pages[start + i * PAGE]["shared"] for i in range(20)]
    assert users == [False] * 10 + [True] * 10


def test_shared_memory(program):
    start = program.at["shm"]
    pages = pages_of(target_of("--pages", "-A", f"{start:x}", program.pid))
    runs = [pages[start + i * PAGE] for i in range(20)]
    assert [(run["state"], run["shared"]) for run in runs] == \
           [("resident", True)] * 5 + [("resident", False)] * 5 + [("untouched", None)] * 10


def test_huge(program):
    """Pages are huge where the kernel says so: if it is short of large blocks, some of the region may be small."""
    need_root()
    start = program.at["aligned"]
    words = page_words(program.pid, start, start + (4 << 20))
    flags = frame_flags(words)
    pages = pages_of(target_of("--pages", "-A", f"{start:x}", program.pid))
    if not any(flags[word & FRAME] & KPF_THP for _, word in words):
        missing("transparent huge pages")
    for address, word in words:
        assert pages[address]["huge"] == bool(flags[word & FRAME] & KPF_THP), hex(address)


def state_of(word, flags):
    """The state of a page, from its word in the page map and the kernel's flags of its frame."""
    if word & GUARD:
        return "guard"
    if word & PRESENT:
        return "zero" if flags & KPF_ZERO_PAGE else "resident"
    return "swapped" if word & SWAPPED else "untouched"


def test_every_page_of_the_process(program):
    """The state of every page of every region, and whether it is shared or dirty, agree with the page map."""
    need_root()
    target = target_of("--pages", "-A", "0,7fffffffffff", program.pid)
    pages = pages_of(target)
    seen = set()
    for region in target["regions"]:
        words = page_words(program.pid, int(region["start"], 16), int(region["end"], 16))
        flags = frame_flags(words)
        for address, word in words:
            run = pages.pop(address)
            frame = flags.get(word & FRAME, 0) if word & PRESENT else 0
            state = state_of(word, frame)
            assert run["state"] == state, hex(address)
            if state != "resident":
                assert (run["huge"], run["shared"], run["dirty"]) == (None, None, None)
            else:
                assert run["shared"] == (not word & EXCLUSIVE) or is_public(region["name"]), hex(address)
                assert run["dirty"] == (bool(frame & KPF_DIRTY) if word & FILE else True), hex(address)
            seen.add((state, run["shared"], run["dirty"]))
    assert not pages  # none but those of the regions
    assert {("resident", True, True), ("resident", False, True), ("zero", None, None),
            ("untouched", None, None)} <= seen


def test_runs(program):
    """Runs follow each other without a gap inside a region, and are as long as possible."""
    target = target_of("--pages", "-k", "anon,heap,bss,data", program.pid)
    runs = target["pages"]
    starts = {-(-int(region["start"], 16) // PAGE) * PAGE for region in target["regions"]}
    keys = ("state", "huge", "shared", "dirty")
    for last, run in zip(runs, runs[1:]):
        if int(run["start"], 16) not in starts:
            assert run["start"] == last["end"]
            assert [run[key] for key in keys] != [last[key] for key in keys]


def test_resident_runs_add_up_to_rss(program):
    target = target_of("--pages", "-A", "0,7fffffffffff", "-x", program.pid)
    pages = pages_of(target)
    divided = 0
    for region in target["regions"]:
        if region["kind"] == "vdso":
            continue
        addresses = range(-(-int(region["start"], 16) // PAGE) * PAGE, int(region["end"], 16), PAGE)
        resident = sum(pages[address]["state"] == "resident" for address in addresses)
        assert region["usage"]["rss"] == resident * PAGE, region["start"]
        divided += region["usage"]["apportioned"]
    assert divided > 4


def test_divided_mapping_counted_here(program):
    """The RSS of each region of a divided mapping agrees with the page map; a page counts where its first byte is."""
    need_root()
    regions = target_of("-x", program.pid)["regions"]
    mappings = smaps(program.pid)
    divided = [region for region in regions if region["usage"]["apportioned"]]
    for region in divided:
        start, end = int(region["start"], 16), int(region["end"], 16)
        words = page_words(program.pid, start, end)
        flags = frame_flags(words)
        present = [word for _, word in words if word & PRESENT and not flags[word & FRAME] & KPF_ZERO_PAGE]
        assert region["usage"]["rss"] == len(present) * PAGE, region["start"]
    inside = [mapping for mapping in mappings
              if any(mapping[0] < int(region["start"], 16) < mapping[1] for region in divided)]
    assert len(inside) > 2
    assert any(int(region["start"], 16) % PAGE for region in divided)


def test_table_is_the_same(program):
    start = program.at["both"]
    run = memmap("--pages", "-rnb", "-A", f"{start:x}", program.pid)
    wanted = [[f"{int(page['start'], 16):x}", f"{int(page['end'], 16):x}", str(page["size"]),
               str(page["size"] // PAGE), page["state"],
               {None: "-", True: "huge", False: "small"}[page["huge"]],
               {None: "-", True: "shared", False: "private"}[page["shared"]],
               {None: "-", True: "dirty", False: "clean"}[page["dirty"]]]
              for page in target_of("--pages", "-A", f"{start:x}", program.pid)["pages"]]
    assert [row[:8] for row in raw_rows(run.stdout)] == wanted and wanted


def test_valid(program):
    run = memmap("-J", "--pages", "-A", "0,", "-X", program.pid)
    assert run.returncode == 0
    assert_valid(json.loads(run.stdout))


def test_unprivileged():
    """Any user sees states and huge, shared, or zero pages; only whether pages of files are dirty needs root."""
    need_root()
    program = Program(user=NOBODY, group=NOBODY, extra_groups=[])
    with program.stopped:
        options = ("--json", "--pages", "-A", "0,7fffffffffff", program.pid)
        mine = pages_of(json.loads(memmap(*options).stdout)["targets"][0])
        run = memmap_as_nobody(*options)
        assert (run.returncode, run.stderr) == (0, b"")
        theirs = pages_of(json.loads(run.stdout)["targets"][0])
        assert mine.keys() == theirs.keys()
        for address, page in mine.items():
            other = theirs[address]
            assert (other["state"], other["huge"]) == (page["state"], page["huge"])
            assert other["dirty"] in (page["dirty"], None)
        assert [theirs[program.at["small"] + i * PAGE]["dirty"] for i in (0, 15, 45)] == [True, None, None]
        start = program.at["both"]
        assert [theirs[start + i * PAGE]["shared"] for i in range(20)] == [False] * 10 + [True] * 10


@pytest.mark.parametrize("options", [[], ["--perms", "rw"], ["--name", "*"], ["-J"]], ids=" ".join)
def test_not_of_everything(options):
    """All pages of a process are too many: --pages needs --range or --kind."""
    run = memmap("--pages", *options, os.getpid())
    assert (run.returncode, run.stdout) == (2, b"")
    assert b"--range" in run.stderr and b"--kind" in run.stderr


def test_no_page_map(tmp_path):
    """In a copy without a page map the rest is shown, and no message claims that the process has ended."""
    (tmp_path / "4242").mkdir()
    (tmp_path / "4242" / "maps").write_text("00010000-00020000 rw-p 00000000 00:00 0 \n")
    target = target_of("--pages", "-k", "anon", "--procfs", tmp_path, "4242", status=3)
    assert [note["code"] for note in target["notes"]] == ["pagemap-denied"]
    assert target["pages"] is None and len(target["regions"]) == 1
    run = memmap("--pages", "-k", "anon", "--procfs", tmp_path, "4242")
    assert (run.returncode, run.stderr.count(b"\n")) == (3, 1)
    assert b"ended" not in run.stderr


def test_process_that_is_not_there():
    with python("pass") as process:
        pid = process.pid
    assert_error(memmap("--pages", "-k", "anon", pid), pid)


def test_no_such_range(program):
    """A range with nothing in it has no pages, and is no error."""
    assert target_of("--pages", "-A", "0,fff", program.pid)["pages"] == []


def test_huge_zero_page():
    """Huge pages that were read but never written are not resident."""
    with python("m = mmap.mmap(-1, 8 << 20, ANON)\nm.madvise(14)\n"
                "x = sum(m[i] for i in range(0, len(m), 4096))\nresult = hex(address(m))") as process:
        start = int(process.line, 16)
        pages = pages_of(target_of("--pages", "-A", f"{start:x}", process.pid))
        words = page_words(process.pid, start, start + (8 << 20))
        assert {pages[address]["state"] for address, word in words if word & PRESENT} == {"zero"}


def test_more_rows_than_anybody_reads():
    """Pages that were only read take no memory, and may be any number: the rest of them is left to --range."""
    size = (16 << 30) + (2 << 20)
    with python(f"""
zero = mmap.mmap(-1, {size}, ANON | 0x4000)
zero.madvise(15)
for i in range(0, {size}, 8192): zero[i]
result = f'{{address(zero):x}}'
""") as process:
        start = int(process.line, 16)
        run = memmap("--pages", "-q", "-r", "-o", "END", f"--range={start:x},{start + size:x}", process.pid)
        assert run.returncode == 3 and "more than 4194304 rows" in run.stderr.decode()
        ends = run.stdout.split()
        assert len(ends) == 4194304 and f"end early, at {int(ends[-1], 16):x}:" in run.stderr.decode()
