# SPDX-License-Identifier: MIT
"""--diff --heap: which figures of malloc's arenas have changed, checked with a program that allocates known objects."""
import pytest

from conftest import memmap, need
from helpers.documents import raw_rows, target_of
from helpers.objects import Objects
from helpers.programs import start
from helpers.snapshots import need_snapshots, save

SESSION = 96  # bytes of a block, with malloc's header
FIGURES = ("used", "blocks", "cached", "free", "top", "system", "resident", "returnable", "pinned")


@pytest.fixture(name="objects")
def fixture_objects():
    with Objects("Session 1000") as objects:
        yield objects


def by_arena(target):
    return {row["arena"]: row for row in target["heap_changes"]}


def assert_conserved(target):
    sums = target["heap_sums"]
    assert sums["arena"] is None and sums["new_used"] - sums["old_used"] == sums["used_change"]
    for figure in FIGURES:
        assert sums[f"{figure}_change"] == sum(row[f"{figure}_change"] for row in target["heap_changes"])
    for row in target["heap_changes"]:
        assert row["new_used"] - row["old_used"] == row["used_change"]
        assert any(row[f"{figure}_change"] for figure in FIGURES)


def test_grown(objects, tmp_path):
    need_snapshots()
    old, new = tmp_path / "a.json", tmp_path / "b.json"
    assert save(old, "--heap", objects.pid).returncode == 0
    objects.act("Session 2000")
    save(new, "--heap", objects.pid)
    for now in (objects.pid, new):
        target = target_of("-d", "--heap", old, now)
        assert_conserved(target)
        main = by_arena(target)["main"]
        # The program keeps track of its objects in an array, which may be in this arena.
        assert main["change"] == "grown" and main["blocks_change"] >= 2000
        assert main["used_change"] >= 2000 * SESSION and main["system_change"] > 0
        before, after = (target_of("--heap", file)["arenas"][0] for file in (old, new))
        assert (main["old_used"], main["new_used"]) == (before["used"], after["used"])
    back = by_arena(target_of("--heap", "--diff", new, old))["main"]
    assert back["change"] == "shrunk" and back["used_change"] == -main["used_change"]


def test_no_difference(objects):
    target = target_of("-d", "--heap", objects.pid, objects.pid)
    assert target["heap_changes"] == [] and target["heap_sums"]["change"] is None
    shown = memmap("-d", "--heap", objects.pid, objects.pid)
    assert shown.returncode == 0 and shown.stdout.endswith(b"No difference.\n")


def test_arenas_of_threads():
    """Arenas that only one process has are added or removed; all that they hold has changed."""
    with start("heap.c", "100", "1000", "2", "2") as some, start("heap.c", "100", "1000", "2") as none:
        there = target_of("-d", "--heap", none.pid, some.pid)
        back = target_of("-d", "--heap", some.pid, none.pid)
        saved = {arena["arena"]: arena for arena in target_of("--heap", some.pid)["arenas"]}
    for target, change, sign in ((there, "added", 1), (back, "removed", -1)):
        assert_conserved(target)
        rows = [row for row in target["heap_changes"] if row["arena"].startswith("0x")]
        assert rows and {row["change"] for row in rows} == {change}
        for row in rows:
            assert row["used_change"] == sign * saved[row["arena"]]["used"]


def test_core_and_live(objects, tmp_path):
    """A core does not say which pages are resident."""
    core = objects.core(tmp_path)
    objects.act("Session 100")
    main = by_arena(target_of("-d", "--heap", core, objects.pid))["main"]
    assert main["used_change"] >= 100 * SESSION and main["resident_change"] is None and main["pinned_change"] is None


def test_table(objects, tmp_path):
    need_snapshots()
    save(tmp_path / "a.json", "--heap", objects.pid)
    objects.act("Session 1200")
    args = ("-d", "--heap", tmp_path / "a.json", objects.pid)
    lines = memmap(*args, text=True).stdout.splitlines()
    assert lines[0].startswith(f"- {objects.pid}: ") and lines[1].startswith(f"+ {objects.pid}: ")
    assert lines[2].split()[:5] == ["CHANGE", "ARENA", "USED_CHANGE", "OLD_USED", "NEW_USED"]
    assert lines[3].split()[:2] == ["grown", "main"] and lines[-1].split()[1] == "TOTAL"
    _, first, *_ = raw_rows(memmap(*args, "-r", "-b", "-o", "ARENA,BLOCKS_CHANGE,USED_CHANGE").stdout)
    assert first[0] == "main" and int(first[1]) >= 1200 and int(first[2]) >= 1200 * SESSION


def assert_not_compared(old, new, code):
    target = target_of("-d", "--heap", old, new, status=3)
    assert target["heap_changes"] is None and target["heap_sums"] is None
    assert code in {note["code"] for note in target["notes"] + target["old"]["notes"]}
    shown = memmap("-d", "--heap", old, new)
    assert shown.returncode == 3 and b"TOTAL" not in shown.stdout and b"No difference" not in shown.stdout


def test_not_known(objects, tmp_path):
    need_snapshots()
    save(tmp_path / "map.json", objects.pid)
    assert_not_compared(tmp_path / "map.json", objects.pid, "snapshot-heap")
    assert_not_compared(objects.pid, tmp_path / "map.json", "snapshot-heap")
    assert_not_compared(objects.pid, need("true"), "elf-heap")


@pytest.mark.parametrize(("args", "words"), [
    (["-d", "--heap", "1"], "--diff --heap takes two targets: OLD and NEW"),
    (["--heap", "-d", "--blocks", "1", "1"], "--diff --heap and --blocks are two views"),
    (["--heap", "--diff", "-w", "1", "1"], "--watch does not go with --diff --heap"),
])
def test_usage(args, words):
    shown = memmap(*args, text=True)
    assert shown.returncode == 2 and words in shown.stderr
