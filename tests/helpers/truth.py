# SPDX-License-Identifier: MIT
"""Starts a truth program, and compares what memmap shows with what is known from other sources."""
import os
import subprocess
from collections import Counter
from types import SimpleNamespace
from typing import NamedTuple

from conftest import Process, memmap_json, missing, need
from helpers.readelf import Span, elf_of

MODULE_KINDS = ("text", "rodata", "relro", "data", "bss")
# A program may make new mappings while it waits, but not for ever.
ATTEMPTS = 20


class Mapping(NamedTuple):
    start: int
    end: int
    perms: str
    offset: int
    dev: str
    inode: int
    name: str


class Told(NamedTuple):
    """A line that a truth program prints."""
    address: int
    kind: str
    what: str
    path: str


class Observed(NamedTuple):
    """A process at one moment: what it reported, its mappings, and memmap's view of it."""
    told: list
    mappings: list
    regions: list
    modules: list


def read_mappings(pid):
    mappings = []
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        for line in maps:
            addresses, perms, offset, dev, inode, *name = line.rstrip("\n").split(None, 5)
            start, end = (int(address, 16) for address in addresses.split("-"))
            mappings.append(Mapping(start, end, perms, int(offset, 16), dev, int(inode),
                                    name[0] if name else None))
    return mappings


def read_told(line):
    address, kind, what, path = line.split(" ", 3)
    return Told(int(address, 16), kind, what, os.path.realpath(path) if path else None)


def no_aslr():
    """The prefix of a command for which everything is always at the same address."""
    setarch = need("setarch")
    if subprocess.run([setarch, "-R", "true"], check=False, stderr=subprocess.DEVNULL).returncode != 0:
        missing("setarch -R (the sandbox forbids it)")
    return [setarch, "-R"]


def observe(*argv):
    with Process(argv) as process:
        for _ in range(ATTEMPTS):
            mappings = read_mappings(process.pid)
            target, = memmap_json(process.pid)["targets"]
            if mappings == read_mappings(process.pid):
                break
        else:
            raise AssertionError("the program does not come to rest")
    regions, modules = read_target(target)
    drop_vdso(regions, modules)
    return Observed([read_told(line) for line in process.lines], mappings, regions, modules)


def read_target(target):
    """The regions and modules of a target, with addresses as numbers."""
    regions = [SimpleNamespace(**region) for region in target["regions"]]
    for region in regions:
        region.start, region.end = int(region.start, 16), int(region.end, 16)
    modules = [SimpleNamespace(**module) for module in target["modules"]]
    for module in modules:
        module.bias = int(module.bias, 16)
    return regions, modules


def drop_vdso(regions, modules):
    """Drop the one module without a file, which is the kernel's."""
    for index, module in enumerate(modules):
        if module.path != "[vdso]":
            continue
        for region in regions:
            if region.module == index:
                assert region.kind == "vdso" and region.padding == 0
                region.module = None
            elif region.module is not None and region.module > index:
                region.module -= 1
        del modules[index]
        return


def holder(parts, address):
    """The mapping, region or span which holds an address."""
    found = [part for part in parts if part.start <= address < part.end]
    assert len(found) == 1, f"{address:#x} lies in {found}"
    return found[0]


def check_cover(observed):
    """The regions are the mappings, cut into pieces: each byte once, with the facts of its mapping."""
    regions = iter(observed.regions)
    for mapping in observed.mappings:
        address = mapping.start
        while address < mapping.end:
            region = next(regions, None)
            assert region is not None, f"no region for {mapping}"
            assert region.start == address and region.start < region.end <= mapping.end, (mapping, region)
            assert region.size == region.end - region.start, region
            assert (region.perms, region.name) == (mapping.perms, mapping.name), (mapping, region)
            facts = (mapping.offset + address - mapping.start, mapping.dev, mapping.inode)
            if (mapping.dev, mapping.inode) == ("00:00", 0):
                facts = (None, None, None)  # memory without a file has none of these
            assert (region.offset, region.dev, region.inode) == facts, (mapping, region)
            address = region.end
    assert next(regions, None) is None, "regions after the last mapping"


def check_kernel_names(observed):
    for region in observed.regions:
        name = region.name or ""
        if name == "[stack]":
            assert region.kind == "stack", region
        if name in ("[vdso]", "[vsyscall]") or name.startswith("[vvar"):
            assert region.kind == "vdso", region


def module_spans(observed, module):
    return elf_of(module.path).spans(
        module.bias, lambda address: "w" in holder(observed.mappings, address).perms)


def check_module(observed, index):
    """Each byte of the file's segments has its kind, and nothing else counts as the module's."""
    module = observed.modules[index]
    elf = elf_of(module.path)
    spans = module_spans(observed, module)
    regions = [region for region in observed.regions if region.module == index]
    first, last = elf.pages(module.bias)
    for region in regions:
        assert first <= region.start < region.end <= last, (module, region)
        own = sum(span.common(region.start, region.end) for span in spans if span.kind == region.kind)
        if region.kind in MODULE_KINDS:
            assert region.size - region.padding == own, (module, region)
            check_basis(elf, module.bias, region)
    for span in spans:
        covered = sum(span.common(region.start, region.end) for region in regions if region.kind == span.kind)
        assert covered == span.end - span.start, (module, span, regions)
    sums = Counter()
    for span in spans:
        sums[span.kind] += span.end - span.start
    for kind in MODULE_KINDS:
        assert getattr(module, kind) == sums[kind], (kind, sums[kind], module)
    assert module.build_id == elf.build_id, module


def check_basis(elf, bias, region):
    divided = any(Span(bias + s.start, bias + s.end, "").common(region.start, region.end)
                  for s in elf.loads if elf.is_divided(s))
    assert region.basis == ("section" if divided else "segment"), region


def check_holes(observed):
    """The inaccessible gaps that the loader leaves between the segments of a module are guards."""
    for module in observed.modules:
        for region in observed.regions:
            if region.name == module.path and region.perms == "---p":
                assert region.kind == "guard", region


def check_modules(observed):
    for index in range(len(observed.modules)):
        check_module(observed, index)
    for region in observed.regions:
        if region.module is None:
            assert region.kind not in MODULE_KINDS and region.padding == 0, region
    check_holes(observed)
    # Every file mapped as executable is a module; the program may report where each is loaded.
    found = sorted((module.path, module.bias) for module in observed.modules)
    run_from = {mapping.name for mapping in observed.mappings
                if "x" in mapping.perms and mapping.name and mapping.name.startswith("/")}
    assert {path for path, _ in found} == run_from
    biases = {(told.path, told.address) for told in observed.told if told.kind == "bias"}
    assert not biases or found == sorted(biases), (found, biases)


def true_kind(observed, told):
    """The kind that the program reports, except where its loader or linker did not make it so."""
    mapping = holder(observed.mappings, told.address)
    if told.kind == "relro" and "w" in mapping.perms:
        return "data"
    if told.kind == "rodata" and "x" in mapping.perms and not elf_of(told.path).sections:
        return "text"
    return told.kind


def check_told(observed):
    told_things = [told for told in observed.told if told.kind != "bias"]
    assert told_things, "the program knows nothing"
    for told in told_things:
        kind = true_kind(observed, told)
        region = holder(observed.regions, told.address)
        assert region.kind == kind, (told, region)
        if told.path is None:
            assert region.module is None, (told, region)
            continue
        assert region.module is not None, (told, region)
        module = observed.modules[region.module]
        assert module.path == told.path, (told, region)
        # The file says the same.
        assert holder(module_spans(observed, module), told.address).kind == kind, told


def check(*argv):
    """Run a truth program: memmap agrees with everything that is known about it."""
    observed = observe(*argv)
    check_cover(observed)
    check_kernel_names(observed)
    check_modules(observed)
    check_told(observed)
    return observed
