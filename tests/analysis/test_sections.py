# SPDX-License-Identifier: MIT
"""-S and SECTION: regions are cut where sections begin and end according to readelf."""
import pytest

from conftest import memmap
from helpers.documents import assert_sound, ends, raw_rows, target_of
from helpers.programs import python
from helpers.readelf import elf_of


@pytest.fixture(name="process", scope="module")
def fixture_process():
    with python("import ssl, decimal") as process:
        yield process


@pytest.fixture(name="cut", scope="module")
def fixture_cut(process):
    target = target_of("-S", process.pid)
    assert_sound(target)
    return target


def sections_of(path):
    """{name: (start, end)} of the loaded sections, at the file's own addresses."""
    found = {section.name: (section.start, section.end) for section in elf_of(path).sections}
    assert found
    return found


def pieces_of(target, index):
    """{name: [(start, end, padding)]}: the pieces of each section of a module, as memmap shows them."""
    found = {}
    for region in target["regions"]:
        if region["module"] == index and region["section"] is not None:
            found.setdefault(region["section"], []).append((*ends(region), region["padding"]))
    return found


def test_sections_are_those_of_readelf(cut):
    checked = 0
    for index, module in enumerate(cut["modules"]):
        if not module["path"].startswith("/"):
            continue
        wanted, found = sections_of(module["path"]), pieces_of(cut, index)
        assert set(found) == set(wanted), module
        for name, (start, end) in wanted.items():
            pieces = found[name]
            bias = int(module["bias"], 16)
            assert (pieces[0][0], pieces[-1][1]) == (start + bias, end + bias), (module, name)
            assert all(high == low for (_, high, _), (low, _, _) in zip(pieces, pieces[1:])), (module, name)
            assert not any(padding for *_, padding in pieces), (module, name)
            checked += 1
    assert checked > 200


def test_a_piece_begins_where_its_section_does(cut):
    starts = {}
    for index, module in enumerate(cut["modules"]):
        if module["path"].startswith("/"):
            bias = int(module["bias"], 16)
            starts[index] = {start + bias for start, _ in sections_of(module["path"]).values()}
    begin = {(region["module"], ends(region)[0]) for region in cut["regions"] if region["section"] == ".text"}
    assert len(begin) > 10
    assert all(start in starts[index] for index, start in begin if index in starts)


def test_cutting_changes_nothing_else(process, cut):
    whole = target_of(process.pid)
    assert cut["totals"].keys() == whole["totals"].keys()
    for kind, total in whole["totals"].items():
        assert (cut["totals"][kind]["size"], cut["totals"][kind]["padding"]) == (total["size"], total["padding"])
    assert cut["modules"] == whole["modules"]
    assert all(region["section"] is None for region in whole["regions"])


def test_column_without_cutting(process):
    rows = raw_rows(memmap("-r", "-n", "-o", "START,KIND,SECTION", process.pid).stdout)
    usual = raw_rows(memmap("-r", "-n", "-o", "START,KIND", process.pid).stdout)
    assert [row[:2] for row in rows] == usual
    assert {".bss", "-"} <= {section for _, _, section in rows}


def test_the_kernels_own_module(cut):
    index, = (i for i, module in enumerate(cut["modules"]) if module["path"] == "[vdso]")
    regions = [region for region in cut["regions"] if region["module"] == index]
    assert {region["kind"] for region in regions} == {"vdso"}
    assert {".text", ".dynsym", ".dynamic"} <= {region["section"] for region in regions}


def test_figures_are_divided(process):
    whole, cut = target_of("-x", process.pid), target_of("-S", "-x", process.pid)
    for figure in ("rss", "anonymous", "private_dirty"):
        assert sum(region["usage"][figure] for region in whole["regions"]) == \
               sum(region["usage"][figure] for region in cut["regions"]) > 0
