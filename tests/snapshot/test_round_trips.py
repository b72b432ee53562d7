# SPDX-License-Identifier: MIT
"""Shown by the view that it was made with, a snapshot gives the same bytes, and the same tables as the target."""
import json
import os
import sys

import pytest

from conftest import IS_SANITIZED, ROOT, memmap, need
from helpers.process import Process
from helpers.documents import FIXTURES, assert_valid, target_of
from helpers.programs import start
from helpers.snapshots import need_snapshots, save

TREES = sorted(path.parent for path in FIXTURES.glob("*/README"))
CORES = sorted((ROOT / "tests" / "fuzz" / "corpus" / "core").iterdir())
VIEWS = [(), ("-x",), ("-X",), ("-S",), ("-X", "-S"), ("-s",), ("-s", "-x"), ("-m",), ("-m", "-x"), ("-t",), ("-e",),
         ("-o", "+RSS,SWAP"), ("-o", "+SECTION"), ("-k", "heap,bss"), ("--name", "libc*"), ("--sort", "-size"),
         ("--perms", "wx"), ("--pages", "-k", "heap,stack"), ("--at", "libc.so.6:stdout+4", "--at", "0x10"),
         ("--at", "0xffffffffff600001"), ("--frames",), ("--heap",), ("--blocks",)]
# Views with figures that change from one run to the next.
CHANGING = {"-x", "-X", "+RSS,SWAP", "--pages", "--frames", "--at", "--heap", "--blocks"}
STEADY = [view for view in VIEWS if not CHANGING & set(view)]


@pytest.fixture(name="process", scope="module")
def fixture_process():
    with start("two_threads.c") as process:
        yield process.pid


def name(view):
    return " ".join(view) or "map"


def assert_same(path, args, *target):
    first = save(path, *args, *target)
    again = memmap("--json", *args, path)
    assert again.stdout == first.stdout, again.stderr
    assert again.returncode == first.returncode, again.stderr
    assert again.stderr.count(b"\n") == first.stderr.count(b"\n")
    assert_valid(json.loads(again.stdout))


@pytest.mark.parametrize("view", VIEWS, ids=name)
def test_process(tmp_path, process, view):
    need_snapshots()
    assert_same(tmp_path / "a.json", view, process)


@pytest.mark.parametrize("view", STEADY, ids=name)
def test_table(tmp_path, process, view):
    """A snapshot gives the same table as the process, also one that was saved with everything."""
    need_snapshots()
    live = memmap(*view, process)
    for args in (view, ("-X", "-S")):
        save(tmp_path / "a.json", *args, process)
        saved = memmap(*view, tmp_path / "a.json")
        assert saved.stdout == live.stdout
        assert saved.returncode == live.returncode


def test_heap(tmp_path):
    """A saved heap gives the same table: names, sums and the verdict."""
    need_snapshots()
    with start("heap.c") as process:
        live = memmap("--heap", process.pid)
        save(tmp_path / "a.json", "--heap", process.pid)
    saved = memmap("--heap", tmp_path / "a.json")
    assert saved.stdout == live.stdout and b"malloc_trim(3)" in saved.stdout
    assert saved.returncode == live.returncode


@pytest.mark.parametrize("args", [(), ("-o", "SAMPLE,CLASS"), ("--sort", "class")], ids=name)
def test_blocks(tmp_path, args):
    """Saved blocks give the same table, with classes, in any order."""
    need_snapshots()
    with start("classes.cc", variant=("g++",)) as process:
        live = memmap("--blocks", *args, process.pid)
        save(tmp_path / "a.json", "--blocks", process.pid)
        assert_same(tmp_path / "b.json", ("--blocks", *args), process.pid)
    saved = memmap("--blocks", *args, tmp_path / "a.json")
    assert saved.stdout == live.stdout and b"Session" in saved.stdout
    assert saved.returncode == live.returncode


@pytest.mark.parametrize("view", [view for view in VIEWS if "--frames" not in view], ids=name)
@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_recorded(tmp_path, tree, view):
    need_snapshots()
    path = tmp_path / "a.json"
    assert_same(path, view, "--procfs", tree, "4242")
    saved, live = memmap(*view, path), memmap(*view, "--procfs", tree, "4242")
    assert (saved.returncode, saved.stdout) == (live.returncode, live.stdout)


@pytest.mark.parametrize("view", VIEWS, ids=name)
def test_file(tmp_path, view):
    need_snapshots()
    program = need("true")
    path = tmp_path / "a.json"
    assert_same(path, view, program)
    saved, live = memmap(*view, path), memmap(*view, program)
    assert (saved.returncode, saved.stdout) == (live.returncode, live.stdout)


VIEWS_OF_CORES = [*VIEWS, ("--at=fault",), ("-o", "+DUMPED")]


@pytest.mark.parametrize("view", VIEWS_OF_CORES, ids=name)
def test_core(tmp_path, view):
    """With sanitizers, each core file and each view is tried, but not every pair."""
    need_snapshots()
    path = tmp_path / "a.json"
    turn = VIEWS_OF_CORES.index(view) % len(CORES)
    for core in CORES[turn:turn + 1] if IS_SANITIZED else CORES:
        assert_same(path, view, core)
        saved, live = memmap(*view, path), memmap(*view, core)
        assert (saved.returncode, saved.stdout) == (live.returncode, live.stdout)


def test_standard_input(tmp_path, process):
    need_snapshots()
    save(tmp_path / "a.json", process)
    document = (tmp_path / "a.json").read_bytes()
    assert memmap("--json", "-", input=document).stdout == document


def test_several_targets(tmp_path, process):
    need_snapshots()
    assert_same(tmp_path / "a.json", (), process, need("true"), process)
    run = memmap("-n", tmp_path / "a.json")
    assert run.stdout.count(b"[stack]") == 2


def test_sections_are_joined(tmp_path, process):
    """Regions that only --sections divides are joined again without it."""
    need_snapshots()
    save(tmp_path / "a.json", "-X", "-S", process)
    whole, live = target_of(tmp_path / "a.json"), target_of(process)
    for target in (whole, live):
        del target["taken_at"]
    assert whole == live


def test_names(tmp_path):
    """Names come back with any bytes in them."""
    need_snapshots()
    path = os.fsencode(tmp_path) + b"/\xff\x1b[31m\n\xe2\x80\xae \\x5c\xef\xbf\xbd\xff"
    with open(path, "wb") as file:
        file.write(bytes(4096))
    code = "import mmap, os, sys; f = open(os.fsencode(sys.argv[1]), 'rb')\n" \
           "m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ); print('READY', flush=True); sys.stdin.read()"
    with Process([sys.executable, "-c", code, path]) as process:
        assert_same(tmp_path / "a.json", (), process.pid)
    assert "name_hex" in (tmp_path / "a.json").read_text()


def test_large_numbers(tmp_path):
    """Numbers of 64 bits come back, although jansson alone does not read them."""
    need_snapshots()
    directory = tmp_path / "4242"
    directory.mkdir()
    (directory / "maps").write_text(f"10000-11000 r--p 00000000 08:01 {2**64 - 2} /a\n"
                                    f"11000-12000 r--p 00000000 08:01 {2**63} /b\n"
                                    f"12000-13000 r--p 00000000 08:01 {10**19 - 1} /c\n")
    path = tmp_path / "a.json"
    assert_same(path, (), "--procfs", tmp_path, "4242")
    assert [region["inode"] for region in target_of(path)["regions"]] == [2**64 - 2, 2**63, 10**19 - 1]


def test_version_is_documented():
    schema = json.loads((ROOT / "src" / "memmap.schema.json").read_text())
    assert schema["properties"]["format"]["const"] == 1
