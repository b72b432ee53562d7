# SPDX-License-Identifier: MIT
"""Recorded /proc trees: what memmap shows for kernels and machines that are not at hand.

In each tree, expected.txt is the table of its one process, and expected.json a part of its JSON. Run this file
itself to write the tables anew; then review the diff, as the tests will expect the new tables.
"""
import json

import pytest

from conftest import memmap, memmap_json
from helpers.documents import FIXTURES, assert_sound, assert_totals

COLUMNS = "START,END,SIZE,PADDING,PERMS,KIND,BASIS,MODULE,NAME"
TREES = sorted(path.parent for path in FIXTURES.glob("*/README"))


def table(tree):
    return memmap("--procfs", tree, "--bytes", "-o", COLUMNS, "4242")


def assert_part(part, whole):
    """Everything in `part` is in `whole`; lists are compared element by element."""
    if isinstance(part, dict):
        for key, value in part.items():
            assert key in whole
            assert_part(value, whole[key])
    elif isinstance(part, list):
        assert len(part) == len(whole)
        for mine, its in zip(part, whole):
            assert_part(mine, its)
    else:
        assert part == whole


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_table(tree):
    assert table(tree).stdout.decode() == (tree / "expected.txt").read_text()


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree.name)
def test_json(tree):
    expected = json.loads((tree / "expected.json").read_text())
    target, = memmap_json("--procfs", tree, "4242", status=3 if expected["notes"] else 0)["targets"]
    assert_sound(target)
    assert_totals(target)
    assert_part(expected, target)


if __name__ == "__main__":
    for directory in TREES:
        (directory / "expected.txt").write_bytes(table(directory).stdout)
