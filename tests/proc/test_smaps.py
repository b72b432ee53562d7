# SPDX-License-Identifier: MIT
"""smaps of old, new and odd kernels, recorded or made up: figures that are absent are unknown."""
import json
import re
import shutil
import subprocess

import pytest

from conftest import MEMMAP, TESTS, memmap
from helpers.documents import assert_error, assert_sound, assert_valid, raw_rows
from helpers.figures import HEADER, check_figures, expected, parse_smaps
from helpers.programs import public_dir
from helpers.users import memmap_as_nobody, need_root

RECORDED = {path.name: path for path in (TESTS / "fixtures" / "smaps").iterdir() if path.name != "README"}
MIB = 1 << 20
STATUS = "Name:\tx\nUid:\t0\t0\t0\t0\nVmSize:\t    64 kB\nVmRSS:\t    12 kB\nVmSwap:\t     4 kB\n"


def tree_of(directory, smaps=None, **files):
    process = directory / "4242"
    process.mkdir()
    if smaps is not None:
        files["smaps"] = smaps
    for name, text in files.items():
        (process / name).write_text(text)
    return directory


def no_key_twice(pairs):
    keys = [key for key, _ in pairs]
    assert len(keys) == len(set(keys)), [key for key in keys if keys.count(key) > 1]
    return dict(pairs)


def read(tree, *options, status=0):
    """The target that --json shows for a tree, in a valid document that has no key twice."""
    run = memmap("--json", *options, "--procfs", tree, "4242")
    assert run.returncode == status, run.stderr
    document = json.loads(run.stdout, object_pairs_hook=no_key_twice)
    assert_valid(document)
    assert_sound(document["targets"][0])
    return document["targets"][0]


def usages_of(tmp_path, name):
    target = read(tree_of(tmp_path, RECORDED[name].read_text()), "-x")
    return [region["usage"] for region in target["regions"]]


def record(**figures):
    """smaps of one mapping of 64 KiB; numbers are in kB, text is written as it is."""
    lines = [f"{key.replace('__', '-')}: {value if isinstance(value, str) else f'{value} kB'}\n"
             for key, value in figures.items()]
    return "00010000-00020000 rw-p 00000000 00:00 0 \n" + "".join(lines)


def usage_of(tmp_path, text):
    region, = read(tree_of(tmp_path, text), "-x")["regions"]
    return region["usage"]


@pytest.mark.parametrize("name", RECORDED)
def test_every_figure(tmp_path, name):
    text = RECORDED[name].read_text()
    target = read(tree_of(tmp_path, text), "-x")
    assert target["notes"] == []
    assert check_figures(parse_smaps(text), target["regions"]) >= 2 * len(target["regions"])


@pytest.mark.parametrize("name", RECORDED)
def test_table(tmp_path, name):
    """A table shows - where JSON has null, and otherwise the same figures."""
    text = RECORDED[name].read_text()
    tree = tree_of(tmp_path, text)
    run = memmap("-rnb", "-o", "RSS,PSS,USS,SWAP,SWAPPSS,HUGETLB", "--procfs", tree, "4242")
    keys = ("rss", "pss", "uss", "swap", "swappss", "hugetlb")
    wanted = [[str(expected(figures).get(key, "-")) for key in keys]
              for figures in parse_smaps(text).values()]
    assert (run.returncode, run.stderr, raw_rows(run.stdout)) == (0, b"", wanted)


def test_wsl(tmp_path):
    target = read(tree_of(tmp_path, RECORDED["wsl1"].read_text()), "-x")
    usage = target["regions"][1]["usage"]
    assert (usage["rss"], usage["pss"]) == (512 << 10, 256 << 10)
    assert {usage[key] for key in ("uss", "dirty", "shared", "swap", "huge", "hugetlb", "locked")} == {None}
    assert (target["totals"]["anon"]["usage"]["rss"], target["totals"]["anon"]["usage"]["swap"]) == (512 << 10, None)


def test_flags_that_are_not_there(tmp_path):
    target = read(tree_of(tmp_path, RECORDED["wsl1"].read_text()), "-x")
    assert [region["flags"] for region in target["regions"]] == [None] * 3


def test_before_hugetlb(tmp_path):
    """Linux 2.6.32 has no hugetlb keys: sums are complete without them, but hugetlb itself is unknown."""
    usage = usages_of(tmp_path, "linux-2.6.32")[1]
    assert (usage["rss"], usage["uss"]) == (40 << 10, 20 << 10)
    assert (usage["dirty"], usage["shared"]) == (40 << 10, 20 << 10)
    assert {usage[key] for key in ("hugetlb", "huge", "anonymous", "swappss")} == {None}


def test_hugetlb_is_resident(tmp_path):
    """Hugetlb pages count as resident, though the kernel's Rss is 0 for them."""
    _, shared, private, _ = usages_of(tmp_path, "hugetlb")
    for usage in (shared, private):
        assert usage["rss"] == usage["hugetlb"] == 2 * MIB
    assert (shared["shared"], shared["uss"]) == (private["uss"], private["shared"]) == (2 * MIB, 0)
    assert shared["pss"] == private["pss"] == 0


def test_swap_and_its_share(tmp_path):
    _, forked, shared, _ = usages_of(tmp_path, "swap")
    assert (forked["swap"], forked["swappss"]) == (400 * MIB, 200 * MIB)
    assert (shared["swap"], shared["swappss"], shared["rss"]) == (MIB, MIB // 2, 0)


def test_large(tmp_path):
    target = read(tree_of(tmp_path, RECORDED["large"].read_text()), "-x")
    shared, anonymous = [region["usage"] for region in target["regions"]]
    assert (shared["rss"], shared["pss"], anonymous["rss"]) == (15 << 40, 5 << 40, 999999999 << 10)
    assert target["totals"]["shm"]["usage"]["rss"] == 15 << 40


def test_keys_and_flags_of_the_future(tmp_path):
    target = read(tree_of(tmp_path, RECORDED["future"].read_text()), "-x")
    heap, anonymous, stack = target["regions"]
    assert (heap["usage"]["frozen"], heap["usage"]["epoch"]) == (12 << 10, 7)
    assert (anonymous["usage"]["frozen"], stack["usage"]["frozen"]) == (None, 4 << 10)
    assert heap["usage"]["some_future_key_that_is_rather_long"] == 16 << 10
    assert (heap["usage"]["anonymous"], anonymous["usage"]["anonymous"]) == (100 << 10, None)
    assert heap["flags"] == ["read", "write", "may-read", "may-write", "may-execute", "zz", "accounted", "3x",
                             "future"]
    assert (anonymous["flags"], stack["flags"]) == ([], None)


def test_flags_in_words(tmp_path):
    """Each of the kernel's flags (fs/proc/task_mmu.c) has its own word."""
    codes = ("rd wr ex sh mr mw me ms gd pf dw lo lf io sr rr dc de ac nr ht sf ar wf dd bt sd mm hg nh mg "
             "um uw ui mt ss sl dp gu").split()
    region, = read(tree_of(tmp_path, record(Rss=4, VmFlags=" ".join(codes))), "-x")["regions"]
    words = dict(zip(codes, region["flags"]))
    assert len(region["flags"]) == len(codes) == len(set(region["flags"]))
    assert all(re.fullmatch(r"(?!..$)[a-z]+(-[a-z]+)*|io", word) for word in words.values())
    expected_words = ["execute", "no-reserve", "grows-down", "no-dump"]
    assert [words[code] for code in ("ex", "nr", "gd", "dd")] == expected_words


def test_flags_in_a_table(tmp_path):
    tree = tree_of(tmp_path, record(Rss=4, VmFlags="rd wr zz \x1b[1m "))
    run = memmap("-rn", "-o", "FLAGS", "--procfs", tree, "4242")
    assert run.stdout == rb"read,write,zz,\x1b[1m" + b"\n"


@pytest.mark.parametrize("value", [1 << 54, (1 << 64) - 4, (1 << 64) - 1, 10 ** 30, f"{1 << 64}"], ids=str)
def test_never_wrapped(tmp_path, value):
    """A figure that does not fit in 64 bits as bytes is unknown; it does not wrap to a small one."""
    usage = usage_of(tmp_path, record(Rss=value, Pss=4, Future=value))
    assert (usage["rss"], usage["pss"], usage.get("future")) == (None, 4096, None)


def test_sums_are_never_wrapped(tmp_path):
    """A sum that does not fit in 64 bits is unknown. So may be its parts, since no memory is that large."""
    most = (1 << 54) - 2
    text = record(Rss=most, Shared_Clean=most, Shared_Dirty=most, Shared_Hugetlb=4, Private_Hugetlb=4)
    target = read(tree_of(tmp_path, text + text.replace("0001", "0003").replace("0002", "0004")), "-x")
    usage = target["regions"][0]["usage"]
    assert usage["shared_clean"] in (None, most << 10)
    assert (usage["rss"], usage["shared"], target["totals"]["anon"]["usage"]["shared_clean"]) == (None, None, None)


@pytest.mark.parametrize("value", ["-4 kB", "-4", "4 MB", "4 kB x", "kB", "", "0x4 kB", "4.5 kB", "four kB"])
def test_what_is_no_number(tmp_path, value):
    usage = usage_of(tmp_path, record(Rss=value, Pss=4, Future=value))
    assert (usage["rss"], usage["pss"], usage.get("future")) == (None, 4096, None)


@pytest.mark.parametrize("key", ["Shared", "Apportioned", "Dirty", "Uss", "Huge", "Hugetlb"])
def test_key_like_one_of_ours(tmp_path, key):
    """If a future kernel has a key named like one of memmap's, memmap's keeps its meaning, and no key appears twice."""
    usage = usage_of(tmp_path, record(Rss=8, Shared_Clean=4, Shared_Dirty=4, Private_Clean=0, Private_Dirty=0,
                                      AnonHugePages=0, Shared_Hugetlb=0, Private_Hugetlb=0, **{key: 12}))
    ours = {"apportioned": False, "shared": 8192, "dirty": 4096, "uss": 0, "huge": 0, "hugetlb": 0}
    assert {name: usage[name] for name in ours} == ours


@pytest.mark.parametrize("keys", [["New__Key", "New_Key"], ["New_Key", "New__Key"]], ids=" ".join)
def test_keys_that_differ_in_a_sign(tmp_path, keys):
    usage = usage_of(tmp_path, record(Rss=8, **dict.fromkeys(keys, 1)))
    assert (usage["rss"], usage["new_key"]) == (8192, 1024)


def test_read_anew(tmp_path):
    """A map that contradicts itself, as when mappings merge, is read several times; no figure is counted twice."""
    first, second = record(Rss=4, Pss=4, New=1), record(Rss=8, New=2).replace("00020000", "00030000")
    target = read(tree_of(tmp_path, first + second), "-x", status=3)
    region, = target["regions"]
    usage = region["usage"]
    assert (region["end"], usage["rss"], usage["pss"], usage["new"]) == ("0x30000", 8192, None, 2048)
    assert [note["code"] for note in target["notes"]] == ["maps-changed"]


def test_odd_key_read_anew(tmp_path):
    """A key whose name in JSON differs from the kernel's is the same key each time the map is read."""
    first, second = record(Odd__Key=1), record(Odd__Key=2).replace("00020000", "00030000")
    region, = read(tree_of(tmp_path, first + second), "-x", status=3)["regions"]
    assert region["usage"]["odd_key"] == 2048


def test_key_that_comes_late(tmp_path):
    """Mappings before the first one that has a key have null for it, not 0."""
    smaps = record(Rss=4) + record(Rss=8, New=1, Newer=2).replace("0001", "0003").replace("0002", "0004")
    first, second = (region["usage"] for region in read(tree_of(tmp_path, smaps), "-x")["regions"])
    assert (first["rss"], first["new"], first["newer"]) == (4096, None, None)
    assert (second["rss"], second["new"], second["newer"]) == (8192, 1024, 2048)


def test_total_of_what_is_known_in_part(tmp_path):
    """If one of two mappings lacks a key, the total is the other one's figure."""
    smaps = record(Rss=4, Pss=4) + record(Rss=8).replace("0001", "0003").replace("0002", "0004")
    total = read(tree_of(tmp_path, smaps), "-x")["totals"]["anon"]["usage"]
    assert (total["rss"], total["pss"], total["swap"]) == (12288, 4096, None)


def test_more_keys_than_any_kernel_has(tmp_path):
    figures = {f"Key{i}": i for i in range(100)}
    other = record(**dict(reversed(figures.items())), Rss=4).replace("0001", "0003").replace("0002", "0004")
    target = read(tree_of(tmp_path, record(Rss=8, **figures) + other), "-x")
    for region, rss in zip(target["regions"], (8, 4)):
        assert region["usage"]["rss"] == rss << 10
        assert [region["usage"][f"key{i}"] for i in range(100)] == [i << 10 for i in range(100)]


def test_order_of_keys(tmp_path):
    """Keys may come in any order, which may change from one mapping to the next."""
    lines = RECORDED["swap"].read_text().splitlines(keepends=True)
    records = [lines[i:i + 24] for i in range(0, len(lines), 24)]
    assert all(HEADER.match(part[0]) for part in records)
    shuffled = [[part[0], *(part[1:][shift:] + part[1:][:shift])] for shift, part in enumerate(records)]
    usual = read(tree_of(tmp_path, "".join(lines)), "-x")["regions"]
    (tmp_path / "4242" / "smaps").write_text("".join(line for part in shuffled for line in part))
    assert read(tmp_path, "-x")["regions"] == usual


def test_truncated(tmp_path):
    """Wherever smaps ends, each figure is right or unknown; a note reports a line that was cut off."""
    text = RECORDED["swap"].read_text()
    tree = tree_of(tmp_path, text)
    whole = read(tree, "-x")["regions"]
    first = text.index("\n") + 1
    for cut in range(first, len(text), 61):
        (tree / "4242" / "smaps").write_text(text[:cut])
        at_line = text[cut - 1] == "\n"
        target = read(tree, "-x", status=0 if at_line else 3)
        assert [note["code"] for note in target["notes"]] == ([] if at_line else ["maps-truncated"])
        for region, full in zip(target["regions"], whole):
            assert region["start"] == full["start"]
            for key, value in region["usage"].items():
                assert value in (None, full["usage"][key]) or key in ("huge", "uss", "shared"), (cut, key)


@pytest.mark.parametrize("text", ["Rss: 4 kB\n", "garbage\n" + record(Rss=4), "0001-zz rw-p\nRss: 4 kB\n"])
def test_garbage(tmp_path, text):
    assert_error(memmap("-x", "--procfs", tree_of(tmp_path, text), "4242"), 4242, "smaps")


MAPS = "00010000-00020000 rw-p 00000000 00:00 0 \n"


def assert_fallback(tree, code, *words):
    """memmap shows the map and the process's totals, but no figures of mappings, and says why."""
    run = memmap("-x", "--procfs", tree, "4242")
    assert run.returncode == 3
    error = run.stderr.decode()
    assert error.startswith("memmap: 4242: ") and error.count("\n") == 1
    assert all(re.search(word, error, re.IGNORECASE) for word in words), error
    lines = run.stdout.decode().splitlines()
    assert "64K virtual, 12K resident, 4K swapped" in lines[0]
    assert lines[2].split() == ["10000", "20000", "64K", "-", "-", "-", "-", "rw-p", "anon"]
    target = read(tree, "-x", status=3)
    assert [note["code"] for note in target["notes"]] == [code]
    assert [region["usage"] for region in target["regions"]] == [None]


def test_absent(tmp_path):
    tree = tree_of(tmp_path, maps=MAPS, status=STATUS)
    assert_fallback(tree, "smaps-absent", "no smaps", "CONFIG_PROC_PAGE_MONITOR")


@pytest.mark.parametrize(("options", "expected"), [
    ([], 0), (["-s"], 0), (["-J"], 0), (["-o", "+RSS"], 3), (["-o", "+FLAGS"], 3), (["--sort", "PSS"], 3)])
def test_absent_and_needed(tmp_path, options, expected):
    """A missing smaps is reported for every option that needs it, and only for these."""
    tree = tree_of(tmp_path, maps=MAPS, status=STATUS)
    assert memmap(*options, "--procfs", tree, "4242").returncode == expected


def test_not_a_file(tmp_path):
    tree = tree_of(tmp_path, maps=MAPS, status=STATUS)
    (tree / "4242" / "smaps").mkdir()
    assert_fallback(tree, "smaps-denied", "smaps", "directory")


def test_denied():
    need_root()
    tree = public_dir() / "denied"
    tree.mkdir()
    try:
        tree_of(tree, smaps=record(Rss=4), maps=MAPS, status=STATUS)
        (tree / "4242" / "smaps").chmod(0)
        run = memmap_as_nobody("-xJ", "--procfs", tree, "4242")
        target, = json.loads(run.stdout)["targets"]
        assert (run.returncode, [note["code"] for note in target["notes"]]) == (3, ["smaps-denied"])
        assert b"permission denied" in run.stderr and run.stderr.count(b"\n") == 1
        assert [region["size"] for region in target["regions"]] == [65536]
    finally:
        shutil.rmtree(tree)


def test_smaps_are_enough(tmp_path):
    """A run with figures needs only smaps, which is also a map; a run without figures needs maps."""
    tree = tree_of(tmp_path, record(Rss=4))
    assert memmap("-x", "--procfs", tree, "4242").returncode == 0
    assert_error(memmap("--procfs", tree, "4242"), 4242)


def test_several_trees_in_one_run(tmp_path):
    """What memmap learns from the smaps of one process is not applied to the next."""
    for pid, name in enumerate(RECORDED, start=1):
        (tmp_path / str(pid)).mkdir()
        shutil.copy(RECORDED[name], tmp_path / str(pid) / "smaps")
    run = subprocess.run([MEMMAP, "-J", "-x", "--procfs", tmp_path, *map(str, range(1, len(RECORDED) + 1))],
                         check=True, capture_output=True)
    for target, name in zip(json.loads(run.stdout)["targets"], RECORDED):
        check_figures(parse_smaps(RECORDED[name].read_text()), target["regions"])
