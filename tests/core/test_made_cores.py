# SPDX-License-Identifier: MIT
"""Core files made by hand: other machines, more mappings and more memory than a process here would have."""
import os
import subprocess

import pytest

from conftest import LIMIT, MEMMAP, memmap, memmap_json, need
from helpers.cores import core_target, limited
from helpers.documents import assert_valid
from helpers.make_core import (
    CODE, DATA, EM_386, EM_MIPS, EM_X86_64, MACHINES, PAGE, REGISTERS, STACK, File, Load, Maker, R, W, write_plain, write_small)
from helpers.users import UNDER_STRACE


@pytest.mark.parametrize("name", MACHINES)
def test_machines(tmp_path, name):
    document = memmap_json(write_small(tmp_path / "core", name), status=3)
    assert_valid(document)
    target, = document["targets"]
    machine, bits, order = MACHINES[name]
    core = target["core"]
    assert machine and (core["machine"], core["bits"], core["byte_order"]) == (name, bits, order)
    assert (core["signal"], core["thread"], core["fault"]) == (11, 77, "0xdead000")
    assert (target["pid"], target["comm"], target["user"], target["exe"]) == (77, "small", "12345", "/opt/small")
    assert [(thread["tid"], thread["state"]) for thread in target["threads"]] == [(77, "crashed"), (79, None)]
    assert target["threads"][0]["sp"] == (hex(STACK + PAGE) if name in REGISTERS else None)
    assert target["threads"][0]["used"] == (3 * PAGE if name in REGISTERS else None)
    assert target["threads"][0]["stack_start"] == hex(STACK)
    rows = [(region["start"], region["kind"], region["perms"], region["name"], region["offset"], region["dumped"])
            for region in target["regions"]]
    assert rows[0] == (hex(CODE), "text", "r-x?", "/opt/small", PAGE, 0)
    assert rows[1] == (hex(DATA), "data", "rw-?", "/opt/small", 2 * PAGE, PAGE)
    assert rows[2][:4] == (hex(DATA + PAGE), "anon", "rw-p", None)
    assert rows[3][:4] == (hex(STACK), "stack", "rw-p", "[stack]")


@pytest.mark.parametrize("when", [-1, 253402300800, 7 * 10**16])
def test_time_without_a_date(when):
    """A file time that is no date is null: owners may set any time, and a memfd keeps all 64 bits of it."""
    core = os.memfd_create("core")
    path = f"/proc/{os.getpid()}/fd/{core}"
    write_plain(path)
    os.utime(core, (when, when))
    assert int(os.stat(core).st_mtime) == when
    document = memmap_json(path)
    os.close(core)
    assert_valid(document)
    assert document["targets"][0]["taken_at"] is None


def test_old_user_numbers(tmp_path):
    """Notes of i386 may have 16-bit user IDs."""
    maker = Maker(*MACHINES["i386"])
    notes = maker.prstatus(5, [0] * 17) + maker.prpsinfo(5, b"old", 54321, wide_user=False)
    target = core_target(maker.write(tmp_path / "core", [Load(DATA, PAGE, R)], notes), status=3)
    assert (target["user"], target["pid"], target["comm"]) == ("54321", 5, "old")


def test_machine_with_signals_of_its_own(tmp_path):
    maker = Maker(EM_MIPS, 32, "big")
    notes = maker.prstatus(5, [0] * 45, 10) + maker.prpsinfo(5, b"mips")
    core = core_target(maker.write(tmp_path / "core", [Load(DATA, PAGE, R)], notes), status=3)["core"]
    assert (core["signal"], core["signal_name"], core["fault"]) == (10, None, None)


@pytest.mark.parametrize("bits", [32, 64])
def test_more_segments_than_the_header_has_room_for(tmp_path, bits):
    maker = Maker(EM_X86_64 if bits == 64 else EM_386, bits)
    n = 70000
    loads = [Load(0x10000000 + 2 * PAGE * i, PAGE, R | (W if i % 2 else 0)) for i in range(n)]
    core = maker.write(tmp_path / "core", loads, maker.prstatus(5, [0] * 27) + maker.prpsinfo(5, b"many"))
    run = memmap("-brn", "-o", "START,END", core, text=True)
    assert run.stdout.splitlines() == [f"{load.start:x} {load.start + PAGE:x}" for load in loads]
    assert f"{n} mappings" in memmap(core, text=True).stdout.splitlines()[0]


@pytest.mark.parametrize("size", [4 << 30, 100 << 30])
def test_large_and_sparse(tmp_path, size):
    """memmap reads headers and what was asked for, but not the rest of a large core file."""
    maker = Maker()
    word = b"here".ljust(PAGE, b"\0")
    loads = [Load(0x10000000000, size, R | W, word, size), Load(STACK + (1 << 46), PAGE, R | W, word)]
    notes = maker.prstatus(5, [0] * 27) + maker.prpsinfo(5, b"large") + maker.auxv(random=STACK + (1 << 46))
    core = maker.write(tmp_path / "core", loads, notes)
    assert core.stat().st_size > size and core.stat().st_blocks * 512 < 1 << 20
    trace = tmp_path / "trace"
    run = subprocess.run([need("strace"), "-f", "-o", trace, "-e", "trace=read,pread64", MEMMAP, "-J", core],
                         check=False, capture_output=True, timeout=LIMIT, preexec_fn=limited, env=UNDER_STRACE)
    assert run.returncode == 3 and f'"dumped": {size + PAGE}'.encode() in run.stdout
    read = sum(int(line.rsplit("= ", 1)[1]) for line in trace.read_text().splitlines() if line.endswith(tuple("0123456789")))
    assert read < 4 << 20, read


def test_large_reservation(tmp_path):
    """Memory that was reserved and never touched is in the map, and not in the file."""
    maker = Maker()
    loads = [Load(0x10000000000, 1 << 44, 0), Load(1 << 46, PAGE, R | W, bytes(PAGE))]
    target = core_target(maker.write(tmp_path / "core", loads, maker.prstatus(5, [0] * 27)), status=3)
    first = target["regions"][0]
    assert (first["kind"], first["size"], first["dumped"]) == ("reserved", 1 << 44, 0)
    assert target["process"]["reserved"] == 1 << 44


def test_names_alone(tmp_path):
    """The kernel's own files are known by their names; whether other mappings were shared is unknown."""
    maker = Maker()
    names = [b"/memfd:x (deleted)", b"/dev/zero (deleted)", b"/SYSV00000000 (deleted)", b"/dev/shm/x",
             b"/dev/dri/card0", b"/home/data"]
    loads = [Load(0x10000 * (i + 1), PAGE, R | W, bytes(PAGE)) for i in range(len(names))]
    notes = maker.prstatus(5, [0] * 27) + maker.files(
        [File(load.start, load.start + PAGE, 0, name) for load, name in zip(loads, names)])
    target = core_target(maker.write(tmp_path / "core", loads, notes))
    assert [(region["kind"], region["perms"]) for region in target["regions"]] == [
        ("shm", "rw-?"), ("shm", "rw-s"), ("shm", "rw-s"), ("shm", "rw-?"), ("device", "rw-?"), ("file", "rw-?")]
    for pattern, n in (("?w??", 6), ("?w?s", 2), ("?w?p", 0)):
        found = memmap_json("--perms", pattern, tmp_path / "core")["targets"][0]["regions"]
        assert len(found) == n, pattern


@pytest.mark.parametrize(("args", "code", "shown"), [
    (["-x"], "core-figures", " - "), (["--pages", "-k", "anon"], "core-pages", "in the file\n"), (["-s", "-x"], "core-figures", " - "),
])
def test_what_a_core_file_does_not_say(tmp_path, args, code, shown):
    """What a core file does not tell is unknown, and never 0."""
    core = write_plain(tmp_path / "core")
    done = memmap(*args, core, text=True)
    assert done.returncode == 3 and done.stderr.count("\n") == 1 and shown in done.stdout
    document = memmap_json(*args, core, status=3)
    assert_valid(document)
    target, = document["targets"]
    assert code in {note["code"] for note in target["notes"]}
    assert target["process"]["resident"] is None and target.get("pages") is None


@pytest.mark.parametrize("args", [["-s"], ["-m"], ["-S"], ["-t"], ["-e"], ["--output-all"], ["--at", "0x600010"]])
def test_views(tmp_path, args):
    done = memmap(*args, write_plain(tmp_path / "core"), text=True)
    assert done.stdout.startswith(f"{tmp_path}/core: core of 77 server (") and done.returncode in (0, 3), done.stderr


@pytest.mark.parametrize("size", [1 << 16, 1 << 20, 1 << 24])
def test_page_sizes(tmp_path, size):
    """memmap takes the page size from the core file, unless no machine has such pages, as with 16 MiB."""
    maker = Maker()
    notes = maker.prstatus(5, [0] * 27) + maker.prpsinfo(5, b"pages") + maker.auxv(pagesz=size)
    core = maker.write(tmp_path / "core", [Load(1 << 32, 4 << 20, R | W, bytes(4 << 20))], notes)
    assert core_target(core, status=3)["page_size"] == (size if size <= 1 << 20 else PAGE)
    assert memmap("--json", "--heap", core).returncode in (0, 3)


def test_mapping_that_begins_inside_a_page(tmp_path):
    """The offset of a mapping that begins inside a page is that of the page, and not below 0."""
    maker = Maker()
    notes = maker.prstatus(5, [0] * 27) + maker.files([File(DATA + 0x800, DATA + PAGE, 0, b"/srv/data")])
    target = core_target(maker.write(tmp_path / "core", [Load(STACK, PAGE, R | W, bytes(PAGE))], notes), status=3)
    assert {region["offset"] for region in target["regions"] if region["name"] == "/srv/data"} == {0}
