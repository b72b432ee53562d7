# SPDX-License-Identifier: MIT
"""The text of a memory map, as people paste it."""
import json
from pathlib import Path

import pytest

from helpers.documents import assert_covers, assert_valid, target_of
from helpers.kernel import mappings_of
from helpers.programs import start
from conftest import memmap, memmap_json
from helpers.snapshots import need_snapshots, save

MAPS = """\
55d0c8a00000-55d0c8a03000 r--p 00000000 fe:00 1234                       /usr/bin/demo
55d0c8a03000-55d0c8a10000 r-xp 00003000 fe:00 1234                       /usr/bin/demo
55d0c8a10000-55d0c8a12000 rw-p 00010000 fe:00 1234                       /usr/bin/demo
55d0c9000000-55d0c9021000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000001000 rw-s 00000000 00:1a 7                          /dev/shm/x
7f0000001000-7f0000002000 rwxp 00000000 00:00 0 
7f0000002000-7f0000003000 rw-s 00000000 00:01 8                          /memfd:a (deleted)
7f0000003000-7f0000004000 rw-s 00000000 00:06 9                          /dev/dri/card0
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
"""
KINDS = ["rodata", "text", "data", "heap", "shm", "jit", "shm", "device", "stack", "vdso"]
FIGURES = """\
Size:                  4 kB
KernelPageSize:        4 kB
MMUPageSize:           4 kB
Rss:                   4 kB
Pss:                   2 kB
Shared_Clean:          4 kB
Shared_Dirty:          0 kB
Private_Clean:         0 kB
Private_Dirty:         0 kB
Referenced:            4 kB
Anonymous:             0 kB
Swap:                  0 kB
SwapPss:               0 kB
Locked:                0 kB
THPeligible:    0
VmFlags: rd mr mw me
"""
SMAPS = "".join(line + "\n" + FIGURES for line in MAPS.splitlines())


def show(text, *args, status=0):
    document = memmap_json(*args, "-", input=text.encode(), status=status)
    assert_valid(document)
    return document["targets"][0]


def kinds(target):
    return [region["kind"] for region in target["regions"]]


def codes(target):
    return [note["code"] for note in target["notes"]]


def test_maps():
    target = show(MAPS)
    assert kinds(target) == KINDS
    assert {region["basis"] for region in target["regions"]} <= {"perms", "name", "pattern"}
    assert target["source"] == "process" and target["pid"] is None and target["modules"] == []
    assert not target["notes"]


def test_table():
    run = memmap("-", input=MAPS.encode())
    assert run.returncode == 0
    assert run.stdout.startswith(b"memory map: 10 mappings, ")


def test_file(tmp_path):
    path = tmp_path / "maps.txt"
    path.write_text(MAPS)
    assert kinds(target_of(path)) == KINDS


def test_round_trip(tmp_path):
    need_snapshots()
    (tmp_path / "smaps").write_text(SMAPS)
    for args in ((), ("-X",), ("-e",)):
        save(tmp_path / "a.json", *args, tmp_path / "smaps")
        assert memmap("--json", *args, tmp_path / "a.json").stdout == (tmp_path / "a.json").read_bytes()


def test_map_of_a_process():
    """Every mapping of the text is there."""
    with start("two_threads.c") as process:
        target = show(Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8"))
        assert_covers(target, mappings_of(process.pid))


def quoted(text):
    return "".join(f"> {line}\n" for line in text.splitlines())


@pytest.mark.parametrize("change", [
    lambda text: text.replace("\n", "\r\n"),
    lambda text: "".join(f"    {line}\n" for line in text.splitlines()),
    lambda text: "".join(f"\t{line}\n" for line in text.splitlines()),
    quoted,
    lambda text: "user@host:~$ cat /proc/1234/maps\n" + text + "user@host:~$ \n",
    lambda text: "".join(line.rstrip() + "\n" for line in text.splitlines()),
    lambda text: "\n\n" + text + "\n\n",
    lambda text: "Here is the map:\n\n```\n" + text + "```\nWhat is this?\n",
    lambda text: text.replace("\n", "$\n"),
    lambda text: text.replace("\n", "^M$\n"),
    lambda text: "".join(f"{line:<100}\n" for line in text.splitlines()),
    lambda text: "\ufeff" + text,
], ids=["crlf", "blanks", "tabs", "quoted", "prompt", "stripped", "empty lines", "fenced", "cat -A", "crlf, cat -A",
        "filled up", "byte order mark"])
@pytest.mark.parametrize("text", [MAPS, SMAPS], ids=["maps", "smaps"])
def test_pasted(text, change):
    target = show(change(text))
    plain = show(text)
    for one in (target, plain):
        del one["taken_at"]
    assert target == plain


def test_figures():
    target = show(SMAPS, "-X")
    assert {region["usage"]["rss"] for region in target["regions"]} == {4096}
    assert {region["usage"]["pss"] for region in target["regions"]} == {2048}
    assert target["regions"][0]["flags"] == ["read", "may-read", "may-write", "may-execute"]


def test_figures_alone():
    assert {region["usage"]["rss"] for region in show(SMAPS, "-o", "+RSS")["regions"]} == {4096}


def test_no_figures():
    target = show(MAPS, "-x", status=3)
    assert codes(target) == ["map-figures"]
    assert {region["usage"] for region in target["regions"]} == {None}


@pytest.mark.parametrize(("view", "code"), [(("--frames",), "frames-denied"), (("--pages", "-k", "heap"), "pagemap-denied")])
def test_other_views(view, code):
    assert codes(show(MAPS, *view, status=3)) == [code]


def test_threads():
    run = memmap("-t", "-", input=MAPS.encode())
    assert run.returncode == 3 and b"no threads" in run.stderr


def test_cut_off():
    """A last line that is cut off counts if it is still a mapping; a note says that it is cut off."""
    for size in range(len(MAPS) - 80, len(MAPS) - 1):
        target = show(MAPS[:size], status=0)
        assert kinds(target)[:9] == KINDS[:9]
        assert codes(target) == ["map-cut-off"] or MAPS[size - 1] == "\n"


def test_lines_between():
    lines = MAPS.splitlines(keepends=True)
    target = show("".join([*lines[:4], "...\n", *lines[4:]]), status=3)
    assert kinds(target) == KINDS and codes(target) == ["map-lines"]


@pytest.mark.parametrize("text", [MAPS + MAPS, "".join(reversed(MAPS.splitlines(keepends=True)))],
                         ids=["twice", "backwards"])
def test_overlap(text):
    run = memmap("-", input=text.encode())
    assert run.returncode == 1 and run.stdout == b""
    assert b"begins below the end of the one before it" in run.stderr


@pytest.mark.parametrize("text", [b"", b"\n", b"hello\n", b"1-2\n", b"1-2 r--p\n" * 2, b"Rss: 4 kB\n"])
def test_no_map(text):
    run = memmap("-", input=text)
    assert run.returncode == 1 and run.stdout == b"" and run.stderr.count(b"\n") == 1


def test_page_size():
    assert show(MAPS)["page_size"] == 4096
    assert show("10000-20000 rw-p 00000000 00:00 0 \n30000-50000 rw-p 00000000 00:00 0 \n")["page_size"] == 65536


def test_sums_do_not_wrap(tmp_path):
    """Figures that are too large to add make a sum that is too large, not a small one."""
    path = tmp_path / "smaps"
    path.write_text("".join(f"{i:x}000-{i + 1:x}000 rw-p 0 0:0 0\nRss: {1 << 48} kB\n" for i in range(1, 128, 2)))
    lines = memmap("-s", "-x", "--bytes", "--raw", path, text=True).stdout.splitlines()
    headings = next(i for i, line in enumerate(lines) if "RSS" in line.split(" "))
    column = lines[headings].split(" ").index("RSS")
    assert int(lines[headings + 1].split(" ")[column]) >= 64 << 57


def test_growth_does_not_wrap(tmp_path):
    """What 65 regions have grown by is too large to add: none of them has all of it."""
    for name, rss in (("old", 0), ("new", 1 << 48)):
        (tmp_path / name).write_text("".join(f"{i:x}000-{i + 1:x}000 rw-p 0 0:0 0 [anon:{i}]\nRss: {rss} kB\n"
                                             for i in range(1, 131, 2)))
    document = memmap_json("-d", "-x", tmp_path / "old", tmp_path / "new")
    assert {change["share"] for change in document["targets"][0]["changes"]} == {1}


@pytest.mark.parametrize("name", ["/" + "a" * 100000, "[anon:" + "\N{SNOWMAN}" * 30000 + "]"], ids=["file", "anon"])
def test_names_that_are_too_long(tmp_path, name):
    """They are cut off, with a note, when read as a text and from a snapshot."""
    path = tmp_path / "maps"
    path.write_text(MAPS + f"ffffffffff800000-ffffffffff801000 --xp 0 0:0 0 {name}\n")
    target = target_of(path, status=3)
    kept = target["regions"][-1]["name"]
    assert codes(target) == ["names-cut"]
    assert 16000 < len(kept.encode()) < 20000 and name.startswith(kept)
    saved = tmp_path / "saved"
    saved.write_text(json.dumps({"format": 1, "targets": [target]}).replace(json.dumps(kept), json.dumps(name)))
    again = target_of(saved, status=3)
    assert again["regions"] == target["regions"] and codes(again) == ["names-cut"] * 2


@pytest.mark.parametrize("n, status, length", [(4000, 0, 16001), (4400, 3, 255)], ids=["64 MB", "more"])
def test_long_names_of_many_regions(tmp_path, n, status, length):
    """A file of 20 MB whose regions share a name would print gigabytes."""
    path = tmp_path / "maps"
    path.write_text("".join(f"{i:x}000-{i:x}800 r--p 0 0:1 1 /{'b' * 16000}\n" for i in range(1, n + 1)))
    run = memmap("-n", "-o", "NAME", path)
    assert run.returncode == status, run.stderr
    assert {len(name) for name in run.stdout.split()[:n]} == {length}
    assert (b"names of more than 255 bytes are cut off" in run.stderr) == (status == 3)


def test_long_names_do_not_widen_rows(tmp_path):
    """A row is no longer than its own name: one name of 16 KB does not make all rows as long."""
    path = tmp_path / "maps"
    path.write_text("".join(f"{i:x}000-{i + 1:x}000 rw-p 0 0:0 0 [anon:{name}]\n" for i, name in ((1, "a"), (3, "b" * 16000))))
    long, short = sorted(memmap("-o", "NAME,SIZE", path).stdout.splitlines()[2:4], key=len, reverse=True)
    assert len(long) > 16000 and len(short) < 5000


@pytest.mark.parametrize("figures", [
    "".join(f"Z{i}: 1 kB\n" for i in range(130)),
    "VmFlags: " + "ab " * 1000 + "\n",
], ids=["keys", "flags"])
def test_more_figures_than_any_kernel_writes(figures):
    """They are refused, since each key makes the table of all mappings wider, and flags are shown by mapping."""
    run = memmap("-X", "-J", "-", input=(MAPS + "ffffffffff800000-ffffffffff801000 --xp 0 0:0 0\n" + figures).encode())
    assert (run.returncode, run.stderr) == (1, b"memmap: -: more figures or flags than any kernel writes\n")


def test_many_combinations_of_flags(tmp_path):
    """Each is found by its hash: to look for it among all others would take minutes."""
    path = tmp_path / "smaps"
    path.write_text("".join(f"{i:x}000-{i + 1:x}000 r--p 0 0:0 0\nVmFlags: z{i:05x}\n" for i in range(1, 300000)))
    run = memmap("-o", "START,FLAGS", path, timeout=60)
    assert run.returncode == 0 and b"z%05x\n" % 299999 in run.stdout
