# SPDX-License-Identifier: MIT
"""--diff: what differs between two known states of a program, in one process and across a restart."""
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import memmap, need
from helpers.changing import Changing
from helpers.documents import KINDS, raw_rows, target_of
from helpers.programs import build, run
from helpers.snapshots import need_snapshots, save

MIB = 1 << 20


def assert_conserved(target):
    """By kind, what OLD has and all changes add up to what NEW has; rows have the values that their change implies."""
    assert [kind["kind"] for kind in target["kinds"]] == [
        kind for kind in KINDS if kind in {kind["kind"] for kind in target["kinds"]}]
    figures = [key for key in target["kinds"][0] if key.endswith("_change")]
    for kind in target["kinds"]:
        rows = [row for row in target["changes"] if row["kind"] == kind["kind"]]
        assert kind["new_size"] - kind["old_size"] == kind["size_change"]
        assert kind["new_regions"] - kind["old_regions"] == \
            sum(row["change"] == "added" for row in rows) - sum(row["change"] == "removed" for row in rows)
        for key in figures:
            assert kind[key] == sum(row[key] for row in rows), (kind, key)
    for row in target["changes"]:
        assert row["new_size"] - row["old_size"] == row["size_change"]
        assert (row["matched_by"] is None) == (row["change"] in ("added", "removed"))
        assert (row["start"] is None) == (row["change"] == "removed")
        assert (row["old_start"] is None) == (row["change"] == "added")


def changes(old, new, *options):
    target = target_of("-d", *options, old, new)
    assert target["pid"] == new and target["old"]["pid"] == old
    assert_conserved(target)
    return target["changes"]


def no_heap_changes(old, new):
    target = target_of("-d", old, new)
    assert_conserved(target)
    return not [row for row in target["changes"] if row["kind"] == "heap"]


def state(pid):
    """Sums of sizes by kind."""
    return {kind: total["size"] for kind, total in target_of("-s", pid)["totals"].items()}


def only(rows, **expected):
    """The one row that has these values."""
    found = [row for row in rows if expected.items() <= row.items()]
    assert len(found) == 1, (expected, rows)
    return found[0]


@pytest.fixture(name="program")
def fixture_program():
    with Changing() as program:
        yield program


def test_no_change(program):
    assert changes(program.pid, program.pid) == []
    run = memmap("-d", program.pid, program.pid)
    assert run.returncode == 0 and b"\nNo difference.\n" in run.stdout


@pytest.mark.parametrize(("before", "after", "expected"), [
    ([], ["heap 8388608"],
     # The kernel may not merge new memory with what a child has from its parent: the row may be an added one.
     {"kind": "heap", "name": "[heap]", "size_change": 8 * MIB, "share": 100}),
    (["heap 8388608"], ["free"],
     {"change": "shrunk", "kind": "heap", "name": "[heap]", "size_change": -8 * MIB, "share": None}),
    ([], ["map 3145728"],
     {"change": "added", "kind": "anon", "name": None, "size_change": 3 * MIB, "old_size": 0, "matched_by": None}),
    (["map 3145728"], ["unmap"],
     {"change": "removed", "kind": "anon", "size_change": -3 * MIB, "new_size": 0, "share": None}),
    (["map 3145728"], ["grow 1048576"],
     {"change": "grown", "kind": "anon", "matched_by": "place", "size_change": MIB, "share": 100}),
    (["map 3145728"], ["move"],
     {"change": "moved", "kind": "anon", "matched_by": "moved", "size_change": 0, "share": None}),
    (["map 3145728"], ["protect"],
     {"change": "permissions", "kind": "anon", "old_perms": "rw-p", "perms": "r--p", "size_change": 0}),
], ids=lambda value: value[0].split()[0] if isinstance(value, list) and value else "")
def test_one_process(program, before, after, expected):
    program.act(*before)
    old = program.fork()
    program.act(*after)
    assert only(changes(old, program.pid), **expected)
    assert len(changes(old, program.pid)) == 1


def test_threads(program):
    old = program.fork()
    program.act("thread reader", "thread writer")
    rows = changes(old, program.pid)
    assert sorted(row["change"] for row in rows if row["kind"] == "stack") == ["added", "added"]
    assert sum(row["kind"] == "guard" for row in rows) == 2
    assert {row["tid"] for row in rows if row["kind"] == "stack"} >= {int(tid) for tid in os.listdir(
        f"/proc/{program.pid}/task")} - {program.pid}


def test_library(program):
    library = build("library.c", "cc", "-shared", "-fPIC")
    old = program.fork()
    program.act(f"library {library}")
    rows = [row for row in changes(old, program.pid) if row["name"] == str(library)]
    assert {row["kind"] for row in rows} >= {"text", "rodata", "data"}
    assert {row["change"] for row in rows} == {"added"}


def test_restart():
    """After a restart all addresses differ, but no row reports that, and what has leaked is first."""
    with Changing() as old, Changing("heap 20971520", "thread reader") as new:
        rows = changes(old.pid, new.pid)
        assert rows[0]["change"] == "grown" and rows[0]["name"] == "[heap]" and rows[0]["matched_by"] == "name"
        assert rows[0]["size_change"] >= 20 * MIB and rows[0]["share"] > 60
        assert only(rows, kind="stack", change="added")["size_change"] > 0
        assert all(row["size_change"] != 0 for row in rows)
        assert [row["size_change"] for row in rows] == sorted((row["size_change"] for row in rows), reverse=True)
        assert_conserved(target_of("-d", new.pid, old.pid))


def test_threads_of_another_run():
    with Changing("thread reader", "thread writer") as old, Changing("thread writer", "thread reader") as new:
        assert [row for row in changes(old.pid, new.pid) if row["kind"] in ("stack", "guard")] == []


def test_figures(program):
    program.act("map 3145728")
    old = program.fork()
    program.act("grow 1048576")
    for options in (["-x"], ["-X"], ["-o", "+RSS_CHANGE"]):
        row = changes(old, program.pid, *options)[0]
        assert row["rss_change"] == MIB and row["size_change"] == MIB, options
    run = memmap("-d", "-x", "-r", "-b", old, program.pid)
    headings, *rows = raw_rows(run.stdout)
    cells = dict(zip(headings, rows[0], strict=True))
    assert cells["RSS_CHANGE"] == "+1048576" and cells["SIZE_CHANGE"] == "+1048576"


def test_tables_have_signs_and_no_wrapped_number(program):
    program.act("heap 8388608", "map 3145728")
    old = program.fork()
    program.act("free", "grow 1048576")
    rows = raw_rows(memmap("-d", "-r", "-o", "KIND,SIZE_CHANGE,SHARE,OLD_SIZE,NEW_SIZE", old, program.pid).stdout)
    assert rows[1] == ["anon", "+1M", "100", "3M", "4M"]
    assert rows[2][:2] == ["heap", "-8M"]
    whole = memmap("-d", old, program.pid, text=True).stdout
    assert "-0" not in whole and "+0" not in whole and not any(len(word) > 12 and word.isdigit() for word in whole.split())
    assert whole.startswith(f"- {old}: ") and f"\n+ {program.pid}: " in whole


def test_narrowed(program):
    old = program.fork()
    program.act("heap 8388608", "map 3145728")
    rows = changes(old, program.pid, "-k", "anon")
    assert [row["kind"] for row in rows] == ["anon"]
    assert [kind["kind"] for kind in target_of("-d", "-k", "anon", old, program.pid)["kinds"]] == ["anon"]
    assert [row["name"] for row in changes(old, program.pid, "--name", "*heap*")] == ["[heap]"]


def test_order(program):
    old = program.fork()
    program.act("heap 8388608", "map 3145728")
    rows = raw_rows(memmap("-d", "-r", "-o", "KIND", "--sort", "SIZE_CHANGE", old, program.pid).stdout)
    assert rows[1:] == [["anon"], ["heap"]]


def test_explained(program):
    old = program.fork()
    program.act("map 3145728")
    lines = memmap("-d", "-e", old, program.pid, text=True).stdout.splitlines()
    at = next(i for i, line in enumerate(lines) if line.startswith("added"))
    assert lines[at + 1].startswith("    ") and lines[at + 1].endswith(".")


def test_files(tmp_path):
    """A library is compared with its copy under another name, and with another file."""
    library = build("library.c", "cc", "-shared", "-fPIC")
    copy = tmp_path / "other"
    shutil.copy(library, copy)
    target = target_of("-d", library, copy)
    assert_conserved(target)
    assert {row["size_change"] for row in target["changes"]} <= {0}
    target = target_of("-d", sys.executable, library)
    assert_conserved(target)
    assert target["kinds"]


def test_unknown_stays_unknown(program):
    """The resident memory of a file is unknown, which is not the same as 0."""
    target = target_of("-d", "-x", sys.executable, program.pid, status=3)
    assert all(row.get("rss_change") is None for row in target["changes"])
    assert target["changes"]


@pytest.mark.parametrize("operands", [[], ["1"], ["1", "2", "3"]])
def test_it_takes_two(operands):
    run = memmap("-d", *operands, text=True)
    assert run.returncode == 2 and "--diff takes two targets: OLD and NEW" in run.stderr


def test_a_target_that_is_not_there(program):
    for operands in ([program.pid, "/nowhere/a.json"], ["/nowhere/a.json", program.pid]):
        run = memmap("-d", *operands, text=True)
        assert run.returncode == 1 and run.stdout == "" and run.stderr.count("\n") == 1
        assert run.stderr.startswith("memmap: /nowhere/a.json: ")
    with Changing() as other:
        run = memmap("-d", program.pid, os.path.basename(build("changes.c")), text=True)
        assert run.returncode == 1 and "--diff takes one, by its PID" in run.stderr and other.pid


def test_one_at_a_time(program):
    run = memmap("-d", "-m", program.pid, program.pid, text=True)
    assert run.returncode == 2 and "two views" in run.stderr



def test_snapshots(program, tmp_path):
    """A live process, snapshots of it, and the text of its map can be compared with one another."""
    need_snapshots()
    before, after, text = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "maps"
    assert save(before, "-x", program.pid).returncode == 0
    text.write_bytes(Path(f"/proc/{program.pid}/maps").read_bytes())
    program.act("heap 8388608", "map 3145728", "thread reader")
    assert save(after, "-x", program.pid).returncode == 0
    live = target_of("-d", "-x", before, program.pid)
    saved = target_of("-d", "-x", before, after)
    sizes = ("change", "kind", "name", "matched_by", "old_size", "new_size", "size_change", "start", "old_start")
    assert [[row[key] for key in sizes] for row in live["changes"] if row["size_change"]] == \
        [[row[key] for key in sizes] for row in saved["changes"] if row["size_change"]]
    assert_conserved(saved)
    assert saved["changes"][0]["name"] == "[heap]" and saved["changes"][0]["rss_change"] == 8 * MIB
    back = target_of("-d", after, before)
    assert_conserved(back)
    assert [row["size_change"] for row in back["changes"]] == sorted(
        -row["size_change"] for row in saved["changes"] if row["size_change"])[::-1]
    grown = only(target_of("-d", text, after)["changes"], name="[heap]")
    assert grown["matched_by"] == "place" and grown["size_change"] == 8 * MIB


def test_time_of_a_snapshot(program, tmp_path):
    """The line of a snapshot says when it was taken: lines of one process at two times would look alike."""
    need_snapshots()
    path = tmp_path / "a.json"
    save(path, program.pid)
    document = json.loads(path.read_text())
    document["targets"][0]["taken_at"] = "2026-02-03T04:05:06Z"
    path.write_text(json.dumps(document))
    env = {**os.environ, "TZ": "UTC"}
    old, new, *_ = memmap("-d", path, program.pid, text=True, env=env).stdout.splitlines()
    assert old.endswith(", taken at 2026-02-03 04:05:06") and new.endswith(" swapped")
    assert "taken at" not in memmap(path, text=True, env=env).stdout


def test_figures_that_one_has_not(program, tmp_path):
    need_snapshots()
    assert save(tmp_path / "a.json", program.pid).returncode == 0
    program.act("map 3145728")
    row = target_of("-d", "-x", tmp_path / "a.json", program.pid, status=3)["changes"][0]
    assert row["rss_change"] is None and row["size_change"] == 3 * MIB and row["share"] == 100


def test_heap_of_a_core(tmp_path, program):
    """A core file has no name for the heap, but it is the same heap, and so is that in a snapshot of the core file."""
    need_snapshots()
    program.act("heap 8388608", "thread reader")
    run(need("gcore"), "-o", tmp_path / "core", str(program.pid), stdin=subprocess.DEVNULL)
    core = str(next(tmp_path.glob("core*")))
    save(tmp_path / "core.json", core)
    saved = str(tmp_path / "core.json")
    for old, new in ((program.pid, core), (core, program.pid), (saved, program.pid), (core, saved)):
        assert no_heap_changes(old, new)
    # What gdb does not record is no change; only [vsyscall], the kernel's page, has other permissions in core files.
    assert {row["name"] for row in target_of("-d", program.pid, core)["changes"] if row["change"] == "permissions"} <= {"[vsyscall]"}
    program.act("heap 4194304")
    assert only(target_of("-d", core, program.pid)["changes"], kind="heap")["change"] == "grown"
