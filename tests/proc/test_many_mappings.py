# SPDX-License-Identifier: MIT
"""Ten thousand mappings, in a generated /proc tree."""
from conftest import memmap
from helpers.documents import assert_sound, assert_totals, target_of

COUNT = 10_000
STEP = 0x2000
FIRST = 0x7f0000000000


def tree_of(directory):
    lines = [f"{start:x}-{start + 0x1000:x} {'rw-p' if i % 2 else 'r-xp'} 00000000 00:00 0 \n"
             for i, start in enumerate(range(FIRST, FIRST + COUNT * STEP, STEP))]
    (directory / "4242").mkdir()
    (directory / "4242" / "maps").write_text("".join(lines))
    return directory


def test_json(tmp_path):
    target = target_of("--procfs", tree_of(tmp_path), "4242")
    assert_sound(target)
    assert_totals(target)
    assert target["totals"]["anon"]["regions"] == target["totals"]["jit"]["regions"] == COUNT / 2
    assert [region["start"] for region in target["regions"]] == [
        hex(start) for start in range(FIRST, FIRST + COUNT * STEP, STEP)]


def test_rows(tmp_path):
    run = memmap("--procfs", tree_of(tmp_path), "-n", "--raw", "-o", "START", "--perms", "rw-p", "4242")
    assert run.returncode == 0
    assert [int(start, 16) for start in run.stdout.split()] == list(
        range(FIRST + STEP, FIRST + COUNT * STEP, 2 * STEP))


def test_many_mounts(tmp_path):
    """However many mounts there are, each file of the kernel's is found among them in no time."""
    tree_of(tmp_path)
    n = 65000
    maps = "".join(f"{start:x}-{start + 0x1000:x} rw-s 00000000 00:01 {start} /memfd:x (deleted)\n"
                   for start in range(FIRST, FIRST + n * STEP, STEP))
    (tmp_path / "4242" / "maps").write_text(maps)
    mounts = "".join(f"{i} 1 0:{i + 100} / /mnt/{i} rw,relatime - tmpfs none rw\n" for i in range(200_000))
    (tmp_path / "4242" / "mountinfo").write_text(mounts)
    run = memmap("--procfs", tmp_path, "-sn", "--raw", "-o", "KIND,REGIONS", "4242")
    assert (run.returncode, run.stderr) == (0, b"") and b"shm" in run.stdout
