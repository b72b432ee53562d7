# SPDX-License-Identifier: MIT
"""The marks that userfaultfd(2) keeps in place of missing pages are neither pages nor swap."""
import pytest

from conftest import memmap_json, refused
from helpers.documents import target_of
from helpers.kernel import PAGE
from helpers.programs import start
from helpers.users import need_memory

MARKS = 8  # before one page in memory


@pytest.fixture(name="place", scope="module")
def fixture_place():
    need_memory()
    with start("protected.c") as process:
        if process.lines[0] == "refused":
            refused("UFFD_FEATURE_WP_UNPOPULATED of userfaultfd(2) (Linux 6.4; root, or vm.unprivileged_userfaultfd=1)")
        yield process.pid, int(process.lines[0], 16)


def test_pages(place):
    pid, at = place
    runs = target_of("--pages", "--range", f"{at:x},{at + MARKS * PAGE:x}", pid)["pages"]
    states = {(int(run["start"], 16) - at) // PAGE: run["state"] for run in runs if int(run["end"], 16) > at}
    assert (states[0], states[MARKS]) == ("untouched", "resident"), runs


@pytest.mark.parametrize("columns", ["+RSS,SWAP", "+RSS,SWAP,PSS"])
def test_counters(place, columns):
    """RSS and SWAP do not count the marks, whether from the page map or from smaps."""
    pid, at = place
    target, = memmap_json("--output", columns, "--range", f"{at:x}", pid)["targets"]
    region, = target["regions"]
    assert (region["usage"]["rss"], region["usage"]["swap"]) == (PAGE, 0)


def test_place(place):
    pid, at = place
    target, = memmap_json("--at", f"{at:#x}", pid)["targets"]
    assert target["at"][0]["page"]["state"] == "untouched"
