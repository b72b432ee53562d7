# SPDX-License-Identifier: MIT
"""--shared: which processes map what and may write it, what sharing saves, and what is left of a fork(2).

The test programs know the right answers.
"""
import contextlib
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import MEMMAP, Process, memmap, memmap_json, need
from helpers.documents import assert_valid
from helpers.make_core import write_small
from helpers.programs import build, start
from helpers.snapshots import need_snapshots, save
from helpers.users import CAP_SYS_ADMIN, as_nobody, memmap_as_nobody, need_root, own_capabilities
from proc.test_servers_away import MARGIN, away
from views.test_processes import CHURN

MB = 1 << 20
# Not tested here: other users' processes that may not be read.
ELSEWHERE = {"processes-denied"}


def shown(pid, *args, run=memmap):
    """The target in the output of --shared, which must follow the schema."""
    done = run("--json", "--shared", *args, pid)
    assert done.returncode in (0, 3), done.stderr
    document = json.loads(done.stdout)
    assert_valid(document)
    target, = document["targets"]
    missing = {note["code"] for note in target["notes"] if note["missing"]}
    assert (done.returncode == 3) == bool(missing)
    target["missing"] = missing - ELSEWHERE
    return target


def region_of(target, name):
    region, = (region for region in target["shared"] if region["name"] and name in region["name"])
    return region


def pids(users):
    return [user["pid"] for user in users]


@contextlib.contextmanager
def sharing(what, writers, readers, name="shared", prefix=()):
    """Starts processes that share memory; yields the PIDs of the writers, and of the readers."""
    with Process([*prefix, build("share.c"), what, str(writers), str(readers), name]) as process:
        lines = [line.split() for line in process.lines]
        yield ([int(pid) for role, pid, _ in lines if role == "writer"],
               [int(pid) for role, pid, _ in lines if role == "reader"])


NAMES = {"memfd": "/memfd:shared", "segment": "/SYSV00000000", "zero": "/dev/zero"}


@pytest.mark.parametrize("what", NAMES)
@pytest.mark.parametrize(("n_writers", "n_readers"), [(1, 2), (2, 0), (0, 3)])
def test_who_writes_and_who_reads(what, n_writers, n_readers):
    with sharing(what, n_writers, n_readers) as (writers, readers):
        # The answer is the same for each of the processes.
        for pid in writers + readers:
            region = region_of(shown(pid), NAMES[what])
            assert (pids(region["writers"]), pids(region["readers"])) == (sorted(writers), sorted(readers))
            assert region["size"] == MB and region["kind"] == "shm"
            # Readers attach a segment read-only; the others have a file that was opened for writing.
            assert {user["may_write"] for user in region["readers"]} <= {what != "segment"}
            assert {user["comm"] for user in region["writers"] + region["readers"]} == {"share"}


def test_what_only_one_maps_is_not_shared():
    with sharing("memfd", 1, 0) as (writers, _):
        assert not any("memfd" in (region["name"] or "") for region in shown(writers[0])["shared"])


def test_most_writers_first():
    with sharing("memfd", 2, 1) as (writers, _):
        rows = memmap("--shared", "--raw", "-n", "-o", "NAME,WRITERS,READERS,PROCESSES", writers[0],
                      text=True).stdout.splitlines()
        table = memmap("--shared", writers[0], text=True).stdout
    name, n_writers, n_readers, processes = rows[0].split(" ")
    assert name.startswith("/memfd:shared") and (n_writers, n_readers) == ("2", "1")
    assert re.fullmatch(r"\d+\\x20share\\x20w,\\x20\d+\\x20share\\x20w,\\x20\d+\\x20share\\x20r\+", processes)
    assert "\n1 region (1M) has more than one writer: races are possible there.\n" in table


def test_figures_are_the_kernel_s():
    with sharing("memfd", 2, 1) as (writers, readers):
        region = region_of(shown(writers[0]), "/memfd:shared")
        # Both writers have touched all of it, the reader nothing: each writer pays for a half.
        assert (region["private"], region["shared"], region["saved"]) == (0, MB, MB // 2)
        region = region_of(shown(readers[0]), "/memfd:shared")
        assert (region["private"], region["shared"], region["saved"]) == (0, 0, 0)


def test_text_of_the_c_library_is_one_copy_for_all():
    with sharing("memfd", 1, 1) as (writers, readers):
        target = shown(writers[0])
    text = next(region for region in target["shared"]
                if region["kind"] == "text" and re.search(r"/libc[.-]", region["name"]))
    assert not text["writers"] and set(writers + readers) <= set(pids(text["readers"]))
    assert text["shared"] >= text["saved"] > 0


def test_ends_of_a_file_are_not_shared(tmp_path):
    """Only parts that overlap are shared: a process that maps another part of the file does not count."""
    path = tmp_path / "file"
    path.write_bytes(bytes(4 * MB))
    code = ("import mmap, sys, time\nfile = open(sys.argv[1], 'r+b')\n"
            "m = mmap.mmap(file.fileno(), 1 << 20, offset=int(sys.argv[2]) << 20)\nprint('READY', flush=True)\n"
            "time.sleep(100000)")
    argv = [need("python3"), "-c", code, path]
    with Process([*argv, "0"]) as first, Process([*argv, "0"]) as second, Process([*argv, "1"]):
        region = region_of(shown(first.pid), str(path))
        assert pids(region["writers"]) == sorted([first.pid, second.pid]) and not region["readers"]


def test_deleted_file_and_its_successor(tmp_path):
    path = tmp_path / "file"
    with sharing("file", 1, 1, path) as (writers, readers):
        path.unlink()
        with sharing("file", 1, 0, path):
            region = region_of(shown(readers[0]), str(path))
            assert region["name"].endswith(" (deleted)")
            assert (pids(region["writers"]), pids(region["readers"])) == (writers, readers)


@pytest.mark.parametrize("name", [b"\x1b[31mred", b"a b\n\\c", "ü\u202e".encode(), b"\xff\xfe"])
def test_hostile_names(tmp_path, name):
    path = tmp_path / os.fsdecode(name)
    program = tmp_path / os.fsdecode(b"p" + name)
    program.write_bytes(build("share.c").read_bytes())
    program.chmod(0o755)
    with Process([program, "file", "2", "0", path]) as process:
        pid = int(process.lines[0].split()[1])
        region = next(region for region in shown(pid)["shared"] if len(region["writers"]) == 2)
        user = region["writers"][0]
        raw = memmap("--shared", "--raw", pid).stdout
    comm = bytes.fromhex(user["comm_hex"]) if "comm_hex" in user else user["comm"].encode()
    assert comm == b"p" + name
    assert not set(raw) & (set(range(32)) - {10})
    assert len({line.count(b" ") for line in raw.splitlines()}) == 1


# ---- namespaces ----


def test_segments_of_two_namespaces_are_two():
    """Each IPC namespace has its own first segment, number 0: these are not shared."""
    need_root()
    with sharing("segment", 1, 1, prefix=[need("unshare"), "--ipc"]) as (writers, readers), \
            sharing("segment", 1, 1, prefix=[need("unshare"), "--ipc"]):
        region = region_of(shown(writers[0]), "/SYSV")
        assert (pids(region["writers"]), pids(region["readers"])) == (writers, readers)


def test_one_file_at_two_paths_of_two_mount_namespaces(tmp_path):
    need_root()
    script = 'mount --bind "$1" "$2" && shift 2 && exec "$@"'
    source = tmp_path / "source"
    source.mkdir()

    def inside(place):
        (tmp_path / place).mkdir()
        enter = [need("unshare"), "--mount", "sh", "-c", script, "sh", source, tmp_path / place]
        return sharing("file", 1, 1, tmp_path / place / "file", prefix=enter)

    with inside("one") as (writers, readers), inside("two") as (more_writers, more_readers):
        region = region_of(shown(readers[0]), "/file")
        assert pids(region["writers"]) == sorted(writers + more_writers)
        assert pids(region["readers"]) == sorted(readers + more_readers)


# ---- many mappings ----

MANY = 65_000


def tree_of(directory, maps_of):
    """A generated /proc tree."""
    for pid, lines in maps_of.items():
        (directory / str(pid)).mkdir()
        (directory / str(pid) / "maps").write_text("".join(lines))
    return directory


def maps_of(n, name, inode, step=0):
    """`n` mappings of a page of the files NAME0, NAME1..., each `step` further into its file."""
    return [f"{start:x}-{start + 0x1000:x} r-xs {i * step:08x} 08:01 {inode} {name}{i if name[-1] == '/' else ''}\n"
            for i, start in enumerate(range(0x7f0000000000, 0x7f0000000000 + n * 0x2000, 0x2000))]


@pytest.mark.parametrize(("n", "names", "step"), [
    (6, ("/one/", "/two/"), 0), (MANY, ("/one/", "/two/"), 0), (MANY, ("/one", "/one"), 0),
    (MANY, ("/one", "/two"), 0x1000),
], ids=["six names", "many names", "one page", "alternating"])
def test_many_mappings_of_one_file(tmp_path, n, names, step):
    """None of them is left out, and looking for them takes no more time for each."""
    others = maps_of(n, names[1], 7, step)
    tree = tree_of(tmp_path, {1: maps_of(n, names[0], 7, step), 2: others, 3: others[::2], 4: others[-1:],
                              5: maps_of(1, "/one/", 8)})
    done = memmap("--procfs", tree, "--shared", "--raw", "-n", "-o", "READERS", "--sort", "START", "1", text=True)
    assert re.fullmatch(r"memmap: 1: no figures: .*\n", done.stderr)
    expected = [2 + (not step or i % 2 == 0) + (not step or i == n - 1) for i in range(n)]
    assert [int(readers) for readers in done.stdout.split()] == expected


# ---- filters, order, and other targets ----


def test_narrowed_and_sorted():
    with sharing("memfd", 2, 0) as (writers, _):
        shm = shown(writers[0], "--kind", "shm")["shared"]
        named = shown(writers[0], "--name", "*memfd:shared*")["shared"]
        by_size = shown(writers[0], "--sort=-SIZE")["shared"]
        at = shown(writers[0], "--range", shm[0]["start"])["shared"]
    assert [region["kind"] for region in shm] == ["shm"] and shm == named == at
    sizes = [region["size"] for region in by_size]
    assert sizes == sorted(sizes, reverse=True) and len(sizes) > 3


def record(directory, origin):
    """A file that records a process, as fully as it can."""
    path = directory / "record"
    if origin == "snapshot":
        need_snapshots()
        assert save(path, "-X", "-S", os.getpid()).returncode == 0
    elif origin == "core":
        write_small(path, "x86-64")
    else:
        path.write_bytes(Path(f"/proc/self/{origin}").read_bytes())
    return path


@pytest.mark.parametrize(("origin", "code"), [
    ("ELF file", "elf-sharing"), ("core", "core-sharing"), ("snapshot", "snapshot-sharing"), ("maps", "map-sharing"),
    ("smaps", "map-sharing"),
])
def test_only_of_processes(tmp_path, origin, code):
    path = MEMMAP if origin == "ELF file" else record(tmp_path, origin)
    others = [note["code"] for note in memmap_json("--summary", path, status=3 if origin == "core" else 0)["targets"][0]["notes"]]
    target, = memmap_json("--shared", path, status=3)["targets"]
    assert target["shared"] is None and target["fork"] is None
    # No note on missing figures: they are not the reason why nothing is shown.
    assert sorted(note["code"] for note in target["notes"]) == sorted([code, *others])
    # No sum of nothing either: it is unknown, not 0.
    done = memmap("--shared", "--raw", path, text=True)
    assert done.returncode == 3 and done.stdout.count("\n") == 1
    assert done.stderr.count(": no shared regions: ") == 1


# ---- fork ----

WRITTEN = [15, 30, 45]


@pytest.fixture(name="family", scope="module")
def fixture_family():
    with start("forks.c", *map(str, WRITTEN)) as process:
        yield process.pid, [int(line) for line in process.lines]


def heap_of(target):
    """The heap of the test program, without the rest of it, which malloc uses."""
    region, = (region for region in target["shared"] if (region["kind"], region["size"]) == ("heap", 64 * MB))
    return region


def since(region):
    return region["inherited"], region["unshared"], region["new"]


def test_children_have_written_so_much(family):
    need_root()
    parent, children = family
    for pid, written in zip(children, WRITTEN, strict=True):
        target = shown(pid)
        assert since(heap_of(target)) == ((64 - written) * MB, written * MB, 0)
        own = next(region for region in target["shared"] if region["new"] == 4 * MB)
        assert own["kind"] == "anon" and pids(own["readers"]) == [pid]
        assert target["fork"]["parent"] == parent and target["fork"]["relatives"] == len(WRITTEN)
        for key in ("inherited", "unshared", "new"):
            assert target["fork"][key] == sum(region[key] for region in target["shared"])


def test_parent_against_all_children(family):
    need_root()
    parent, children = family
    target = shown(parent)
    assert since(heap_of(target)) == ((64 - min(WRITTEN)) * MB, min(WRITTEN) * MB, 0)
    assert pids(heap_of(target)["readers"]) == sorted([parent, *children])
    assert target["fork"]["parent"] is None


def test_what_broke_it_by_kind(family):
    need_root()
    table = memmap("--shared", family[1][1], text=True).stdout
    assert re.search(rf"\nSince fork\(2\), against its parent, {family[0]}: 34\S*M still shared, 30\S*M unshared "
                     r"\(30M heap, .*\), 4\S*M new\.\n", table)


def test_no_relative_after_exec():
    with sharing("memfd", 1, 0) as (writers, _), start("set_comm.c", "alone") as other:
        assert shown(other.pid)["fork"] is None
        assert shown(writers[0])["fork"]["relatives"] == 1


def test_without_the_right_to_frames():
    need_root()
    with as_nobody(build("forks.c"), "15") as process:
        target = shown(int(process.lines[0]), run=memmap_as_nobody)
    assert target["missing"] == {"frames-unknown"}
    heap = heap_of(target)
    assert since(heap) == (None, None, None) and heap["writers"] is None and heap["readers"] is None
    assert heap["shared"] == 49 * MB and heap["private"] == 15 * MB
    assert target["fork"] == {"relatives": 1, "parent": None, "inherited": None, "unshared": None, "new": None}


def test_others_may_not_be_read():
    need_root()
    with sharing("memfd", 1, 1), as_nobody(build("share.c"), "memfd", "1", "1") as process:
        writer, reader = (int(line.split()[1]) for line in process.lines)
        done = memmap_as_nobody("--json", "--shared", writer)
    target, = json.loads(done.stdout)["targets"]
    assert done.returncode == 3 and re.search(rb"\d+ of \d+ processes may not be read \(PIDs? .*\): root may read all\n", done.stderr)
    region = region_of(target, "/memfd:shared")
    assert (pids(region["writers"]), pids(region["readers"])) == ([writer], [reader])


# ---- a machine that does not stand still ----


def test_processes_that_come_and_go():
    """Two thousand processes end during the runs, which miss nothing; only root sees which private pages are shared."""
    unknown = set() if own_capabilities() & 1 << CAP_SYS_ADMIN else {"frames-unknown"}
    with sharing("memfd", 1, 2) as (writers, readers), subprocess.Popen([sys.executable, "-S", "-c", CHURN]) as churn:
        rounds = 0
        while churn.poll() is None or rounds == 0:
            target = shown(readers[0])
            region = region_of(target, "/memfd:shared")
            assert (pids(region["writers"]), pids(region["readers"])) == (writers, readers)
            assert target["missing"] <= unknown
            rounds += 1
    assert churn.returncode == 0


def test_server_that_is_away(tmp_path):
    with away(tmp_path, build("two_threads.c", "cc", "-static")), sharing("memfd", 1, 1) as (writers, _):
        begin = time.monotonic()
        region_of(shown(writers[0]), "/memfd:shared")
        assert time.monotonic() - begin < MARGIN
