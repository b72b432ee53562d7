# SPDX-License-Identifier: MIT
"""Figures of mappings: the kernel's in smaps, and what memmap must make of them."""
import functools
import os
import re

HEADER = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) ")
PROPERTIES = {"kernelpagesize", "mmupagesize", "thpeligible", "protectionkey"}
SHARING = {"pss", "pss_dirty", "shared_clean", "shared_dirty", "private_clean", "private_dirty", "uss",
           "dirty", "shared", "locked"}
# The keys that each sum adds up: those that it needs, and those that older kernels lack.
SUMS = {
    "rss": (["rss"], ["shared_hugetlb", "private_hugetlb"]),
    "uss": (["private_clean", "private_dirty"], ["private_hugetlb"]),
    "dirty": (["shared_dirty", "private_dirty"], []),
    "shared": (["shared_clean", "shared_dirty"], ["shared_hugetlb"]),
    "huge": (["anonhugepages"], ["shmempmdmapped", "filepmdmapped"]),
    "hugetlb": (["shared_hugetlb", "private_hugetlb"], []),
}


@functools.cache
def figures_of(line):
    """{key in lower case: bytes or count} of a line. Cached: a large map has a million lines, but few differ."""
    key, value = line.split(":", 1)
    number = re.fullmatch(r"\s*(\d+)( kB)?\s*", value)
    return {key.lower(): int(number[1]) * (1024 if number[2] else 1)} if number and key != "Size" else {}


def parse_smaps(text):
    """{(start, end): {key in lower case: bytes or count}} of the text of smaps."""
    mappings = {}
    for line in text.splitlines():
        if line[0].isupper():
            current.update(figures_of(line))
        else:
            header = HEADER.match(line)
            current = mappings.setdefault(tuple(int(address, 16) for address in header.groups()), {})
    return mappings


def smaps(pid):
    with open(f"/proc/{pid}/smaps", encoding="utf-8", errors="surrogateescape") as file:
        return parse_smaps(file.read())


def expected(kernel):
    """The kernel's figures of one mapping, and the sums of those that are there."""
    figures = dict(kernel)
    for name, (needed, late) in SUMS.items():
        if all(key in kernel for key in needed):
            figures[name] = sum(kernel.get(key, 0) for key in needed + late)
    return figures


def is_public(name):
    """Whether any process, even memmap, may map this: how its pages are shared may change at any time."""
    return name is not None and (name == "[vdso]" or os.path.exists(name))


def known_usage(region):
    """The usage of a region without its nulls, which are the keys that this kernel does not have."""
    return {key: value for key, value in region["usage"].items() if value is not None}


def check_figures(kernel, regions, is_live=False):
    """Each figure of each mapping is the sum over its regions, and there are no other figures. Returns the number of
    figures compared. `is_live`: other processes may have begun to share pages of files since."""
    at = compared = 0
    for (_, high), figures in kernel.items():
        mine = []
        while at < len(regions) and int(regions[at]["end"], 16) <= high:
            mine.append(regions[at])
            at += 1
        wanted = expected(figures)
        if len(mine) == 1 and known_usage(mine[0]) == {**wanted, "apportioned": False}:
            compared += len(wanted)
            continue
        for key, value in wanted.items():
            parts = [region["usage"][key] for region in mine]
            assert all(part >= 0 for part in parts), (mine[0]["start"], key)
            if is_live and key in SHARING and is_public(mine[0]["name"]):
                continue
            whole = parts[0] if key in PROPERTIES else sum(parts)
            assert whole == value, (mine[0]["start"], key)
            assert key not in PROPERTIES or set(parts) == {value}, (mine[0]["start"], key)
            compared += 1
        for region in mine:
            usage = region["usage"]
            assert usage["apportioned"] == (len(mine) > 1)
            assert set(known_usage(region)) == set(wanted) | {"apportioned"}
    assert at == len(regions)
    return compared
