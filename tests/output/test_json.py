# SPDX-License-Identifier: MIT
"""The JSON document follows its schema, agrees with the kernel, and may hold several targets."""
import json
import os
import pwd
import re
from pathlib import Path

import pytest

from conftest import memmap, memmap_json
from helpers.documents import FIXTURES, assert_covers, assert_totals, assert_valid, target_of
from helpers.kernel import mappings_of
from helpers.programs import build, start


@pytest.fixture(scope="module")
def process():
    with start("kinds.c") as process:
        yield process


def test_schema(process):
    assert_valid(memmap_json(process.pid))


def test_schema_refuses_what_is_wrong(process):
    """The schema refuses wrong documents: one that allows anything would pass the other tests too."""
    for spoil in (lambda target: target["regions"][0].update(size="4096"),
                  lambda target: target["regions"][0].update(start=4096),
                  lambda target: target["regions"][0].update(kind="nosuch"),
                  lambda target: target["regions"][0].update(basis="guess"),
                  lambda target: target["regions"][0].pop("perms"),
                  lambda target: target["modules"][0].update(text=-1),
                  lambda target: target.pop("regions")):
        document = memmap_json(process.pid)
        spoil(document["targets"][0])
        with pytest.raises(Exception, match="Failed validating"):
            assert_valid(document)


@pytest.mark.parametrize("tree", sorted(FIXTURES.iterdir()), ids=lambda tree: tree.name)
def test_schema_of_recorded_trees(tree):
    assert_valid(json.loads(memmap("--json", "--procfs", tree, "4242").stdout))


def test_agrees_with_the_kernel(process):
    target = target_of(process.pid)
    assert_covers(target, mappings_of(process.pid))
    assert_totals(target)
    status = Path(f"/proc/{process.pid}/status").read_text()
    status = dict(re.findall(r"^(\w+):\s+(\d+) kB$", status, re.MULTILINE))
    facts = target["process"]
    # vsyscall belongs to no process, and VmSize does not count it.
    assert facts["virtual"] == int(status["VmSize"]) * 1024
    assert facts["virtual"] == sum(end - begin for begin, end, _, name in mappings_of(process.pid)
                                   if name != b"[vsyscall]")
    assert facts["swapped"] == int(status["VmSwap"]) * 1024
    assert facts["page_tables"] == int(status["VmPTE"]) * 1024
    assert facts["mappings"] == len(mappings_of(process.pid))


@pytest.mark.parametrize("options", [[], ["-S"], ["-k", "bss,stack"], ["--sort", "-SIZE"]], ids=" ".join)
def test_regions_know_their_mapping(process, options):
    mappings = mappings_of(process.pid)
    regions = target_of(process.pid, *options)["regions"]
    assert {region["mapping"] for region in regions} <= set(range(len(mappings)))
    for region in regions:
        begin, end, *_ = mappings[region["mapping"]]
        assert begin <= int(region["start"], 16) and int(region["end"], 16) <= end
    if not options:
        assert [region["mapping"] for region in regions] == sorted(region["mapping"] for region in regions)
        assert {region["mapping"] for region in regions} == set(range(len(mappings)))


def test_head(process):
    document = memmap_json(process.pid)
    assert document["format"] == 1
    assert f"memmap {document['version']}" in memmap("--version").stdout.decode()
    target = document["targets"][0]
    assert target["source"] == "process"
    assert target["pid"] == process.pid
    assert target["comm"] == "kinds"
    assert target["exe"] == str(build("kinds.c"))
    assert target["user"] == pwd.getpwuid(os.geteuid()).pw_name
    assert target["page_size"] == os.sysconf("SC_PAGE_SIZE")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", target["taken_at"])


def test_modules_are_sums_of_their_regions(process):
    target = target_of(process.pid)
    assert len(target["modules"]) >= 3
    for index, module in enumerate(target["modules"]):
        if module["path"] == "[vdso]":
            continue  # all of it is of one kind
        for kind in ("text", "rodata", "relro", "data", "bss"):
            assert module[kind] == sum(region["size"] - region["padding"] for region in target["regions"]
                                       if (region["module"], region["kind"]) == (index, kind))


def test_addresses(process):
    for region in target_of(process.pid)["regions"]:
        for key in ("start", "end"):
            assert re.fullmatch("0x[1-9a-f][0-9a-f]*", region[key])


def test_unknown_is_null(process):
    for region in target_of(process.pid)["regions"]:
        if region["kind"] == "jit":
            assert {region[key] for key in ("name", "module", "file", "section", "tid")} == {None}


def test_several_targets_are_one_document():
    with start("kinds.c") as first, start("two_threads.c") as second:
        targets = memmap_json(second.pid, first.pid, second.pid)["targets"]
        assert [target["pid"] for target in targets] == [second.pid, first.pid, second.pid]
        assert targets[0]["regions"] == targets[2]["regions"] == target_of(second.pid)["regions"]
