# SPDX-License-Identifier: MIT
"""Compares what memmap shows for an ELF file with readelf, and with the rules that loaders follow."""
import itertools
import os

from conftest import memmap_json
from helpers.readelf import elf_of
from helpers.truth import Mapping, Observed, check_cover, check_modules, read_target


def pages_of(elf):
    """(address of a page, segment, perms, offset in the file or None) of each page, in order."""
    pages = {}
    relro = range(elf.relro.start & -elf.page, elf.relro.end & -elf.page) if elf.relro else range(0)
    for index, load in enumerate(elf.loads):
        first = load.start & -elf.page
        perms = "".join(letter if flag in load.flags else "-" for letter, flag in zip("rwx", "RWE"))
        for page in range(first, load.end, elf.page):
            offset = (load.offset & -elf.page) + page - first
            has_file = load.start < load.file_end and page < load.file_end
            pages[page] = (index, perms.replace("w", "-") if page in relro else perms,
                           offset if has_file else None)
    return [(page, *facts) for page, facts in sorted(pages.items())]


def loaded_mappings_of(path, elf):
    """The mappings that a loader makes of a file, at the addresses in it."""
    stat = os.stat(path)
    dev = f"{os.major(stat.st_dev):02x}:{os.minor(stat.st_dev):02x}"
    mappings = []
    for (_, perms, is_anonymous), group in itertools.groupby(
            pages_of(elf), lambda page: (page[1], page[2], page[3] is None)):
        pages = list(group)
        start, end, offset = pages[0][0], pages[-1][0] + elf.page, pages[0][3]
        assert end - start == len(pages) * elf.page
        mappings.append(Mapping(start, end, perms + "p", 0, "00:00", 0, None) if is_anonymous else
                        Mapping(start, end, perms + "p", offset, dev, stat.st_ino, str(path)))
    return mappings


def check_target(path, target):
    """Check all that a document says about the file at `path`."""
    elf = elf_of(path)
    mappings = loaded_mappings_of(path, elf)
    observed = Observed([], mappings, *read_target(target))
    check_cover(observed)
    check_modules(observed)
    assert [(module.path, module.bias) for module in observed.modules] == [(str(path), 0)]
    assert (target["source"], target["exe"], target["page_size"]) == ("elf", str(path), elf.page)
    assert target["process"]["mappings"] == len(mappings)
    assert target["process"]["virtual"] == sum(mapping.end - mapping.start for mapping in mappings)
    assert target["notes"] == []
    return observed


def check_files(*paths):
    """Check all files, in one document."""
    targets = memmap_json(*paths)["targets"]
    assert len(targets) == len(paths)
    return [check_target(path, target) for path, target in zip(paths, targets)]
