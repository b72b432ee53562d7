# SPDX-License-Identifier: MIT
"""--diff --blocks: what has grown in malloc's heap, checked with a program that creates and deletes known objects."""
import json

import pytest

from conftest import memmap, need
from helpers.documents import raw_rows, target_of
from helpers.objects import Objects
from helpers.programs import start
from helpers.snapshots import need_snapshots, save
from helpers.vocabulary import has_demangle

SESSION, CONNECTION = ("Session", "net::Connection") if has_demangle() else ("7Session", "N3net10ConnectionE")
# Bytes of a block of each class, with malloc's header, rounded up.
SIZES = {SESSION: 96, CONNECTION: 128}
PLAIN = 80


def assert_conserved(target):
    sums = target["block_sums"]
    for key in ("blocks", "bytes"):
        assert sums[f"new_{key}"] - sums[f"old_{key}"] == sums[f"{key}_change"]
        assert sums[f"{key}_change"] == sum(row[f"{key}_change"] for row in target["block_changes"])
    for row in target["block_changes"]:
        for key in ("blocks", "bytes"):
            assert row[f"new_{key}"] - row[f"old_{key}"] == row[f"{key}_change"]
        assert row["size"] is None or row["bytes_change"] == row["blocks_change"] * row["size"]
        assert (row["old_blocks"] == 0) == (row["old_sample"] is None) == (row["change"] == "added")
        assert (row["new_blocks"] == 0) == (row["sample"] is None) == (row["change"] == "removed")
        assert row["bytes_change"] or row["blocks_change"]
    assert [row["bytes_change"] for row in target["block_changes"]] == sorted(
        (row["bytes_change"] for row in target["block_changes"]), reverse=True)


def changes(old, new, **kwargs):
    target = target_of("-d", "--blocks", old, new, **kwargs)
    assert_conserved(target)
    return target["block_changes"]


def brief(rows):
    return [(row["change"], row["class"], row["size"], row["blocks_change"]) for row in rows]


@pytest.fixture(name="objects")
def fixture_objects():
    with Objects("Session 1000", "Plain 50") as objects:
        yield objects


BEFORE_AND_AFTER = {
    "nothing": ([], []),
    "grown": (["Session 1200"], [("grown", SESSION, SIZES[SESSION], 1200)]),
    "added": (["Connection 7"], [("added", CONNECTION, SIZES[CONNECTION], 7)]),
    "shrunk": (["Session -30"], [("shrunk", SESSION, SIZES[SESSION], -30)]),
    "removed": (["Session -1000"], [("removed", SESSION, SIZES[SESSION], -1000)]),
    "of no class": (["Plain 5"], [("grown", None, PLAIN, 5)]),
    "several": (["Session 10", "Connection 20", "Plain -50"],
                [("added", CONNECTION, SIZES[CONNECTION], 20), ("grown", SESSION, SIZES[SESSION], 10),
                 ("removed", None, PLAIN, -50)]),
    "arrays": (["Pair 3", "Triple 2"], [("added", f"{SESSION}[]", None, 5)]),
}


@pytest.mark.parametrize("case", BEFORE_AND_AFTER)
def test_snapshot_and_live(objects, tmp_path, case):
    need_snapshots()
    commands, expected = BEFORE_AND_AFTER[case]
    assert save(tmp_path / "a.json", "--blocks", objects.pid).returncode == 0
    objects.act(*commands)
    assert brief(changes(tmp_path / "a.json", objects.pid)) == expected
    save(tmp_path / "b.json", "--blocks", objects.pid)
    assert brief(changes(tmp_path / "a.json", tmp_path / "b.json")) == expected


def test_core_and_live(objects, tmp_path):
    core = objects.core(tmp_path)
    assert changes(core, objects.pid) == []
    objects.act("Session 100", "Connection 3", "Plain -20")
    expected = [("grown", SESSION, 96, 100), ("added", CONNECTION, 128, 3), ("shrunk", None, PLAIN, -20)]
    assert brief(changes(core, objects.pid)) == expected
    assert brief(changes(objects.pid, core)) == [
        ("grown", None, PLAIN, 20), ("removed", CONNECTION, 128, -3), ("shrunk", SESSION, 96, -100)]


def test_two_processes(objects):
    """The processes may be of different builds: classes are matched by their names, not by addresses."""
    with Objects("Session 1300", "Plain 50", variant=("g++", "-no-pie")) as other:
        rows = changes(objects.pid, other.pid)
        assert brief([row for row in rows if row["class"]]) == [("grown", SESSION, 96, 300)]


def test_share_and_figures(objects, tmp_path):
    need_snapshots()
    save(tmp_path / "a.json", "--blocks", objects.pid)
    objects.act("Session 400", "Connection 100", "Plain -10")
    first, second, last = changes(tmp_path / "a.json", objects.pid)
    assert (first["old_blocks"], first["new_blocks"]) == (1000, 1400)
    assert (first["old_bytes"], first["new_bytes"], first["bytes_change"]) == (96000, 134400, 38400)
    assert (first["share"], second["share"], last["share"]) == (75, 25, None)
    lookup, = target_of("--at", second["sample"], objects.pid)["at"]
    assert (lookup["block"]["class"], lookup["block"]["offset"]) == (CONNECTION, 0)


def test_more_in_as_many_bytes(objects, tmp_path):
    """A class that takes as many bytes as before has changed if it has more blocks."""
    need_snapshots()
    objects.act("Triple 2")
    save(tmp_path / "a.json", "--blocks", objects.pid)
    sizes = {group["class"]: group["size"] for group in target_of("--blocks", objects.pid)["blocks"]}
    document = json.loads((tmp_path / "a.json").read_text())
    for group in document["targets"][0]["blocks"]:
        if group["class"] == f"{SESSION}[]":
            group.update(size=sizes[f"{SESSION}[]"] * 2, blocks=1)
    (tmp_path / "a.json").write_text(json.dumps(document))
    row, = changes(tmp_path / "a.json", objects.pid)
    assert (row["change"], row["size"], row["blocks_change"], row["bytes_change"]) == ("grown", None, 1, 0)


def test_table(objects, tmp_path):
    need_snapshots()
    save(tmp_path / "a.json", "--blocks", objects.pid)
    objects.act("Session 1200", "Plain -1")
    args = ("-d", "--blocks", tmp_path / "a.json", objects.pid)
    lines = memmap(*args, text=True).stdout.splitlines()
    assert lines[0].startswith(f"- {objects.pid}: ") and lines[1].startswith(f"+ {objects.pid}: ")
    assert lines[2].split() == ["CHANGE", "BYTES_CHANGE", "SHARE", "BLOCKS_CHANGE", "OLD_BLOCKS", "NEW_BLOCKS",
                                "NEW_BYTES", "SIZE", "CLASS"]
    assert lines[3].split() == ["grown", "+113K", "100", "+1200", "1000", "2200", "206K", "96B", SESSION]
    assert lines[4].split() == ["shrunk", "-80B", "-", "-1", "50", "49", "3.8K", "80B"]
    assert lines[5].split()[0] == "-" and lines[5].split()[3] == "+1199" and lines[5].split()[-1] == "TOTAL"
    _, *rows = raw_rows(memmap(*args, "-r", "-b", "-o", "CLASS,OLD_BYTES,NEW_BYTES,BYTES_CHANGE,BLOCKS_CHANGE").stdout)
    assert rows[0] == [SESSION, "96000", "211200", "+115200", "+1200"]
    _, first, *_ = raw_rows(memmap(*args, "-r", "--sort", "BLOCKS_CHANGE", "-o", "SIZE").stdout)
    assert first == ["80B"]


def test_no_difference(objects):
    shown = memmap("-d", "--blocks", objects.pid, objects.pid)
    assert shown.returncode == 0 and shown.stdout.endswith(b" TOTAL\nNo difference.\n")
    target = target_of("--blocks", "--diff", objects.pid, objects.pid)
    assert target["block_changes"] == [] and target["block_sums"]["old_blocks"] >= 1050


def test_stopped(objects):
    shown = memmap("-d", "--blocks", "--stop", objects.pid, objects.pid, text=True)
    assert shown.returncode == 0 and shown.stderr.count("all threads were stopped") == 2


def assert_not_compared(old, new, side, code):
    target = target_of("-d", "--blocks", old, new, status=3)
    assert target["block_changes"] is None and target["block_sums"] is None
    notes = target["notes"] if side == "new" else target["old"]["notes"]
    assert code in {note["code"] for note in notes}
    shown = memmap("-d", "--blocks", old, new)
    assert shown.returncode == 3 and b"TOTAL" not in shown.stdout and b"No difference" not in shown.stdout


def test_another_allocator(objects):
    with start("heap.c", "100", "1000", "2", variant=("musl-gcc",)) as other:
        assert_not_compared(other.pid, objects.pid, "old", "heap-other")
        assert_not_compared(objects.pid, other.pid, "new", "heap-other")


def test_not_saved(objects, tmp_path):
    need_snapshots()
    save(tmp_path / "map.json", objects.pid)
    assert_not_compared(tmp_path / "map.json", objects.pid, "old", "snapshot-blocks")
    assert_not_compared(objects.pid, need("true"), "new", "elf-heap")


def test_part_of_a_heap(objects, tmp_path):
    """What is known of a heap is compared, and a note says that something is missing."""
    need_snapshots()
    save(tmp_path / "a.json", "--blocks", objects.pid)
    document = json.loads((tmp_path / "a.json").read_text())
    note = {"code": "heap-swapped", "text": "arena 1: the block at 2 is in swap", "missing": True}
    document["targets"][0]["notes"].append(note)
    (tmp_path / "a.json").write_text(json.dumps(document))
    target = target_of("-d", "--blocks", tmp_path / "a.json", objects.pid, status=3)
    assert target["block_changes"] == [] and note in target["old"]["notes"]


def test_kinds_that_there_is_no_room_for(objects, tmp_path):
    """Classes that OLD does not list may be among those that it counts as "other": they are compared with these."""
    need_snapshots()
    save(tmp_path / "a.json", "--blocks", objects.pid)
    document = json.loads((tmp_path / "a.json").read_text())
    blocks = document["targets"][0]["blocks"]
    sessions, = [group for group in blocks if group["class"] == SESSION]
    blocks.remove(sessions)
    blocks.append({**sessions, "class": None, "size": None})
    (tmp_path / "a.json").write_text(json.dumps(document))
    assert changes(tmp_path / "a.json", objects.pid) == []
    objects.act("Session 10", "Plain 1")
    assert brief(changes(tmp_path / "a.json", objects.pid)) == [("grown", None, None, 10), ("grown", None, PLAIN, 1)]
    assert b" other\n" in memmap("-d", "--blocks", tmp_path / "a.json", objects.pid).stdout


@pytest.mark.parametrize(("args", "words"), [
    (["-d", "--blocks", "1"], "--diff --blocks takes two targets: OLD and NEW"),
    (["-d", "--leaks", "1", "1"], "--diff and --leaks are two views"),
    (["--blocks", "-d", "--leaks", "1", "1"], "--diff --blocks and --leaks are two views"),
    (["--blocks", "--diff", "-k", "heap", "1", "1"], "do not go with --diff --blocks"),
    (["--blocks", "--diff", "-x", "1", "1"], "-x and -X do not go with --diff --blocks"),
    (["--blocks", "--diff", "-w", "1", "1"], "--watch does not go with --diff --blocks"),
    (["--blocks", "--diff", "-o", "KIND", "1", "1"], "unknown column 'KIND' of --diff --blocks"),
])
def test_usage(args, words):
    shown = memmap(*args, text=True)
    assert shown.returncode == 2 and words in shown.stderr
