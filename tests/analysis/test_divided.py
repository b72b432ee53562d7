# SPDX-License-Identifier: MIT
"""How the figures of a divided mapping are shared out.

The tests write the page map of a recorded tree, so swapped pages, guards and large numbers do not depend on
this machine.
"""
import random
import shutil
import struct

import pytest

from helpers.documents import FIXTURES, ends, target_of
from helpers.figures import check_figures, parse_smaps
from helpers.kernel import FILE, GUARD, PRESENT, SWAPPED

PAGE = 4096
START, BOUNDARY, END = 0x405000, 0x41d000, 0x43e000  # one mapping: .bss, then the heap
BSS, HEAP = (BOUNDARY - START) // PAGE, (END - BOUNDARY) // PAGE
KEYS = ("Rss", "Pss", "Pss_Dirty", "Shared_Clean", "Shared_Dirty", "Private_Clean", "Private_Dirty",
        "Referenced", "Anonymous", "LazyFree", "AnonHugePages", "ShmemPmdMapped", "FilePmdMapped",
        "Shared_Hugetlb", "Private_Hugetlb", "Swap", "SwapPss", "Locked", "New")


@pytest.fixture(name="tree")
def fixture_tree(tmp_path):
    """A recorded process without figures or a page map: tests write those."""
    return shutil.copytree(FIXTURES / "heap-merged-with-bss", tmp_path / "tree", symlinks=True)


def write(tree, figures, words=None):
    """Write an smaps in which the one mapping has these figures, in kB, and others have 0; and its page map words."""
    text = ""
    for line in (tree / "4242" / "maps").read_text().splitlines(keepends=True):
        mine = figures if line.startswith(f"{START:08x}-") else dict.fromkeys(figures, 0)
        text += line + "".join(f"{key}: {value} kB\n" for key, value in mine.items())
    (tree / "4242" / "smaps").write_text(text)
    if words is not None:
        assert len(words) == BSS + HEAP
        with open(tree / "4242" / "pagemap", "wb") as file:
            file.seek(START // PAGE * 8)
            file.write(struct.pack(f"={len(words)}Q", *words))
    return parse_smaps(text)


def shares(tree, *options):
    """The usage of .bss and of the heap."""
    regions = target_of("-x", *options, "--procfs", tree, "4242")["regions"]
    return [region["usage"] for region in regions if START <= ends(region)[0] < END]


def test_counted(tree):
    """Three resident pages in .bss and five in the heap; two and one swapped; guards are neither."""
    words = [0] * (BSS + HEAP)
    for page in (0, 4, BSS - 1, BSS, BSS + 1, BSS + 7, BSS + 8, BSS + HEAP - 1):
        words[page] = PRESENT | 1 << 20
    for page in (2, 3, BSS + 2):
        words[page] = SWAPPED | 7 << 5
    for page in (9, BSS + 9):
        words[page] = GUARD
    for page in (10, BSS + 10):
        words[page] = GUARD | SWAPPED
    figures = {"Rss": 32, "Pss": 17, "Swap": 12, "SwapPss": 7, "Private_Dirty": 32, "Private_Clean": 0}
    write(tree, figures, words)
    bss, heap = shares(tree)
    assert (bss["rss"], heap["rss"]) == (3 * PAGE, 5 * PAGE)
    assert (bss["swap"], heap["swap"]) == (2 * PAGE, PAGE)
    assert (bss["uss"], heap["uss"]) == (3 * PAGE, 5 * PAGE)
    assert abs(bss["pss"] - 17 * 1024 * 3 / 8) < 1 and bss["pss"] + heap["pss"] == 17 * 1024
    assert abs(bss["swappss"] - 7 * 1024 * 2 / 3) < 1 and bss["swappss"] + heap["swappss"] == 7 * 1024
    assert bss["apportioned"] and heap["apportioned"]


def test_all_in_one(tree):
    write(tree, {"Rss": 8, "Pss": 8, "Swap": 4}, [0] * BSS + [PRESENT, PRESENT, SWAPPED] + [0] * (HEAP - 3))
    bss, heap = shares(tree)
    assert [(usage["rss"], usage["pss"], usage["swap"]) for usage in (bss, heap)] == \
           [(0, 0, 0), (2 * PAGE, 2 * PAGE, PAGE)]


def test_pages_of_the_tree(tree):
    """--pages reads a recorded page map, which does not say which pages are huge."""
    words = [PRESENT | FILE] * 2 + [SWAPPED] * 3 + [GUARD] * 4 + [0] * (BSS - 9)
    words += [PRESENT] + [0] * (HEAP - 1)
    write(tree, {"Rss": 12}, words)
    target = target_of("--pages", "-A", f"{START:x},{END - 1:x}", "--procfs", tree, "4242")
    assert [(int(run["start"], 16), run["size"] // PAGE, run["state"]) for run in target["pages"]] == [
        (START, 2, "resident"), (START + 2 * PAGE, 3, "swapped"), (START + 5 * PAGE, 4, "guard"),
        (START + 9 * PAGE, BSS - 9, "untouched"), (BOUNDARY, 1, "resident"),
        (BOUNDARY + PAGE, HEAP - 1, "untouched")]
    assert [run["huge"] for run in target["pages"]] == [None] * 6
    # Anonymous pages may have been given back with MADV_FREE; without smaps_rollup nothing tells whether any were.
    assert (target["pages"][0]["dirty"], target["pages"][4]["dirty"]) == (None, None)


@pytest.mark.parametrize("words", [None, [0] * (BSS + HEAP)], ids=["no page map", "no pages"])
def test_by_size(tree, words):
    """Figures that no pages account for, as when the process has changed, are divided by size: nothing is lost."""
    kernel = write(tree, {"Rss": 57 * 4, "Swap": 57 * 4}, words)
    bss, heap = shares(tree)
    for key in ("rss", "swap"):
        assert (bss[key], heap[key]) == (BSS * PAGE, HEAP * PAGE)
    check_figures(kernel, target_of("-x", "--procfs", tree, "4242")["regions"])


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost(tree, seed):
    """For any figures and any page map, even if they contradict each other, the parts add up and none is negative."""
    dice = random.Random(seed)
    most = dice.choice([1, 100, 1 << 20, 1 << 40, 1 << 46])
    figures = {key: dice.randint(0, most) for key in KEYS}
    kinds = [0, PRESENT, SWAPPED, GUARD, PRESENT | FILE]
    kernel = write(tree, figures, dice.choices(kinds, [dice.random() for _ in kinds], k=BSS + HEAP))
    regions = target_of("-x", "--procfs", tree, "4242")["regions"]
    assert check_figures(kernel, regions) > len(KEYS)


def test_resident_alone(tree):
    """A recorded page map cannot be scanned, so even RSS alone comes from smaps."""
    write(tree, {"Rss": 8, "Swap": 4}, [0] * BSS + [PRESENT, PRESENT, SWAPPED] + [0] * (HEAP - 3))
    regions = target_of("-o", "+RSS,SWAP", "--procfs", tree, "4242")["regions"]
    heap, = (region for region in regions if ends(region)[0] == BOUNDARY)
    assert (heap["usage"]["rss"], heap["usage"]["swap"]) == (2 * PAGE, PAGE)


def test_page_map_that_ends_early(tree):
    """If the page map is cut off in the middle, the pages that are left count, and the sums still hold."""
    kernel = write(tree, {"Rss": 16, "Pss": 16, "Swap": 8}, [PRESENT] * 4 + [0] * (BSS + HEAP - 4))
    path = tree / "4242" / "pagemap"
    path.write_bytes(path.read_bytes()[:START // PAGE * 8 + 21])
    check_figures(kernel, target_of("-x", "--procfs", tree, "4242")["regions"])
    bss, heap = shares(tree)
    assert (bss["rss"], heap["rss"]) == (4 * PAGE, 0)


def test_pages_of_a_page_map_that_ends_early(tree):
    """If the page map ends in the middle of a word, --pages shows that page and those after it as untouched."""
    write(tree, {"Rss": 16}, [PRESENT] * 4 + [0] * (BSS + HEAP - 4))
    path = tree / "4242" / "pagemap"
    path.write_bytes(path.read_bytes()[:START // PAGE * 8 + 21])
    runs = target_of("--pages", "-A", f"{START:x},{END - 1:x}", "--procfs", tree, "4242")["pages"]
    assert [(int(run["start"], 16), run["state"]) for run in runs[:2]] == [
        (START, "resident"), (START + 2 * PAGE, "untouched")]
    assert {run["state"] for run in runs[1:]} == {"untouched"}


def test_first_page_of_a_region_that_begins_inside(tree):
    """A page with both .data and .bss counts for .data, which holds its first byte."""
    text = "".join(line + f"Rss: {4 if line.startswith('00404000-') else 0} kB\n"
                   for line in (tree / "4242" / "maps").read_text().splitlines(keepends=True))
    (tree / "4242" / "smaps").write_text(text)
    with open(tree / "4242" / "pagemap", "wb") as file:
        file.seek(0x404 * 8)
        file.write(struct.pack("=Q", PRESENT))
    regions = target_of("-x", "--procfs", tree, "4242")["regions"]
    rss = {region["start"]: region["usage"]["rss"] for region in regions if region["usage"]["rss"]}
    assert rss == {"0x404000": 4096}
