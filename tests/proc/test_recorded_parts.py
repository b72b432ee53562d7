# SPDX-License-Identifier: MIT
"""Recorded trees that lack files, or whose maps file is not a memory map."""
import os
import shutil

import pytest

from conftest import memmap, memmap_json
from helpers.documents import FIXTURES, assert_error, assert_sound, target_of

GOOD = b"00400000-00401000 r--p 00000000 00:00 0 \n"
GARBAGE = {
    "text": b"this is not a memory map\n",
    "binary": bytes(range(256)) + b"\n",
    "no hexadecimal": b"0040000g-00401000 r--p 00000000 00:00 0 \n",
    "empty range": b"00400000-00400000 r--p 00000000 00:00 0 \n",
    "reversed range": b"00401000-00400000 r--p 00000000 00:00 0 \n",
    "address too long": b"100000000000400000-100000000000401000 r--p 00000000 00:00 0 \n",
    "sign": b"-00400000-00401000 r--p 00000000 00:00 0 \n",
    "rights": b"00400000-00401000 rwxz 00000000 00:00 0 \n",
    "no inode": b"00400000-00401000 r--p 00000000 00:00 \n",
    "two fields": b"00400000-00401000 r--p\n",
    "second line": GOOD + b"00401000\n",
    "empty line": GOOD + b"\n" + GOOD,
    "NUL": GOOD + b"00500000-00501000\0r--p 00000000 00:00 0 \n",
}


def tree_of(directory, maps):
    (directory / "4242").mkdir()
    (directory / "4242" / "maps").write_bytes(maps)
    return directory


@pytest.mark.parametrize("maps", GARBAGE.values(), ids=GARBAGE.keys())
def test_garbage(tmp_path, maps):
    good = maps.startswith(GOOD)
    assert_error(memmap("--procfs", tree_of(tmp_path, maps), "4242"), 4242,
                 f"maps: line {2 if good else 1} is not one of a memory map$")


@pytest.mark.parametrize("rest", [b"00500000-005", b"00500000-00501000 r--p 00000000 fe:00 12", b"0"])
def test_truncated(tmp_path, rest):
    """Whole lines are shown; a line that was cut off is left out, and a note says so."""
    target = target_of("--procfs", tree_of(tmp_path, GOOD + rest), "4242", status=3)
    assert [region["start"] for region in target["regions"]] == ["0x400000"]
    assert [note["code"] for note in target["notes"]] == ["maps-truncated"]


@pytest.mark.parametrize("first", [GOOD, GOOD.replace(b"004", b"005")], ids=["twice", "backwards"])
def test_out_of_order(tmp_path, first):
    """Maps out of order, as the kernel may write them while mappings merge, become one consistent list, with a note."""
    target = target_of("--procfs", tree_of(tmp_path, first + GOOD), "4242", status=3)
    assert_sound(target)
    assert "0x400000" in [region["start"] for region in target["regions"]]
    assert target["notes"]


def test_no_maps(tmp_path):
    (tmp_path / "4242").mkdir()
    assert_error(memmap("--procfs", tmp_path, "4242"), 4242)


def test_no_root(tmp_path):
    assert_error(memmap("--procfs", tmp_path / "none", "4242"), 4242, "none")


def test_any_byte_in_a_name(tmp_path):
    """A name may have any byte but a newline, even a NUL, which no kernel writes."""
    name = b"/" + bytes(byte for byte in range(256) if byte != 0x0a)
    tree = tree_of(tmp_path, GOOD.replace(b" 0 \n", b" 7 " + name + b"\n"))
    region, = target_of("--procfs", tree, "4242")["regions"]
    assert bytes.fromhex(region["name_hex"]) == name
    row = memmap("--procfs", tree, "-n", "--raw", "-o", "NAME", "4242").stdout
    assert row.startswith(rb"/\x00\x01") and row.endswith(b"\\xfe\\xff\n")


def test_highest_address(tmp_path):
    """The end of the last page of the address space does not wrap: it is shown as 2^64 - 1."""
    maps = b"fffffffffffff000-ffffffffffffffff --xp 00000000 00:00 0 \n"
    target = target_of("--procfs", tree_of(tmp_path, maps), "4242")
    assert [region["end"] for region in target["regions"]] == ["0xffffffffffffffff"]


@pytest.mark.parametrize("absent", ["auxv", "stat", "status", "comm", "exe"])
def test_absent_file(tmp_path, absent):
    """Regions do not depend on any one of the small files; what only the absent one tells is unknown."""
    tree = shutil.copytree(FIXTURES / "heap-label-on-bss", tmp_path / "tree", symlinks=True)
    whole = target_of("--procfs", tree, "4242")
    (tree / "4242" / absent).unlink()
    part = target_of("--procfs", tree, "4242")
    assert part["regions"] == whole["regions"]
    assert (whole["comm"], part["comm"]) == ("demo", "demo")
    assert (whole["exe"], part["exe"]) == ("/usr/bin/demo", None if absent == "exe" else "/usr/bin/demo")
    assert (whole["ppid"], part["ppid"]) == (1, None if absent == "stat" else 1)


def test_no_file_with_the_command(tmp_path):
    """The command is in stat and in comm: without both it is unknown."""
    tree = shutil.copytree(FIXTURES / "heap-label-on-bss", tmp_path / "tree", symlinks=True)
    for name in ("stat", "comm"):
        (tree / "4242" / name).unlink()
    assert target_of("--procfs", tree, "4242")["comm"] is None


@pytest.mark.parametrize(("text", "comm"), [("demo\n", "demo"), ("demo", "demo"), ("a\n\n", "a\n"), ("", "")])
def test_end_of_the_command(tmp_path, text, comm):
    """The kernel ends the command with a newline, which a recorded tree may lack."""
    tree = tree_of(tmp_path, GOOD)
    (tree / "4242" / "comm").write_text(text)
    assert target_of("--procfs", tree, "4242")["comm"] == comm


def with_smaps(directory, flags, n=2):
    """A recording of `n` mappings with these VmFlags."""
    lines = [b"%08x-%08x rw-p 00000000 00:00 0 \n" % (0x10000000 + i * 0x2000, 0x10001000 + i * 0x2000)
             for i in range(n)]
    tree = tree_of(directory, b"".join(lines))
    record = b"Size:                  4 kB\nRss:                   4 kB\nVmFlags: " + flags + b" \n"
    (tree / "4242" / "smaps").write_bytes(b"".join(line + record for line in lines))
    return tree


def test_more_flags_than_fit_at_first(tmp_path):
    """All flags of a very large process are shown: its arrays grow in another way."""
    tree = with_smaps(tmp_path, b"rd wr", 140000)
    rows = memmap("-n", "-r", "-o", "FLAGS", "--procfs", tree, "4242").stdout.split(b"\n")
    assert rows[:-1] == [b"read,write"] * 140000


def test_flags_that_are_no_text(tmp_path):
    target, = memmap_json("-X", "--procfs", with_smaps(tmp_path, b"rd \xff\xfe"), "4242")["targets"]
    assert "read" in target["regions"][0]["flags"]


@pytest.mark.parametrize("options", [["-x"], ["-t"], ["--at", "0x10000000"], ["--pages", "-k", "anon"]], ids=" ".join)
def test_pages_that_would_block(tmp_path, options):
    tree = with_smaps(tmp_path, b"rd")
    os.mkfifo(tree / "4242" / "pagemap")
    assert memmap(*options, "--procfs", tree, "4242").returncode in (0, 3)


def test_regions_that_are_nearly_alike(tmp_path):
    """memmap keeps texts that it prints again, as many as fit: it never mixes up regions that differ in one field."""
    names = [f"/f{i:03}" for i in range(300)] + ["/" + "long" * 60, "/quote\"", "/back\\slash", "/\u00e9t\u00e9",
                                                 "/" + "\"" * 127]
    kinds = [(perms, name, inode, offset)
             for offset in (0, 0x1000) for inode, name in enumerate(["", *names]) for perms in ("r--p", "rw-p", "r--s")]
    # Each of them twice, with a few others before and between.
    rows = [row for i, kind in enumerate(kinds) for row in (kind, kinds[0], kinds[i // 2], kind)]
    starts = range(0x10000000, 0x10000000 + 0x2000 * len(rows), 0x2000)
    lines = [f"{start:08x}-{start + 0x1000:08x} {perms} {offset if name else 0:08x} {'fe:00' if name else '00:00'} "
             f"{inode} {name}\n" for start, (perms, name, inode, offset) in zip(starts, rows)]
    regions = target_of("--procfs", tree_of(tmp_path, "".join(lines).encode()), "4242")["regions"]
    shown = [(int(r["start"], 16), r["perms"], r["name"] or "", r["inode"] or 0, r["dev"], r["offset"]) for r in regions]
    assert shown == [(start, perms, name, inode, "fe:00" if name else None, offset if name else None)
                     for start, (perms, name, inode, offset) in zip(starts, rows)]


def test_names_that_grow_when_they_are_written(tmp_path):
    """Each byte of such a name takes six in JSON, and two more in name_hex."""
    name = b"/" + b"\xff" * 127
    line = b"%08x-%08x r--p 00000000 fe:00 7 " + name + b"\n"
    maps = b"".join(line % (start, start + 0x1000) for start in range(0x10000000, 0x10400000, 0x2000))
    regions = target_of("--procfs", tree_of(tmp_path, maps), "4242")["regions"]
    assert {region["name_hex"] for region in regions} == {name.hex()} and len(regions) == 0x200


def test_targets_have_nothing_in_common(tmp_path):
    """Two targets whose files have the same indices, and whose regions the same kind, are not mixed up."""
    tree = tree_of(tmp_path, b"10000000-10001000 r--p 00000000 fe:00 7 /one\n")
    shutil.copytree(tree / "4242", tree / "4343")
    (tree / "4343" / "maps").write_bytes(b"10000000-10001000 r--p 00000000 fe:01 8 /two\n")
    targets = memmap_json("--procfs", tree, "4242", "4343")["targets"]
    assert [target["regions"][0]["name"] for target in targets] == ["/one", "/two"]
