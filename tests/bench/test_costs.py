# SPDX-License-Identifier: MIT
"""What a mapping costs in instructions and in memory, which are steadier figures than times."""
import re
import subprocess

import pytest

from conftest import MEMMAP, need
from costs import ENVIRONMENT, sizes, slope

# Instructions per mapping, as valgrind counts them: of the parser, and of all that memmap does for a row.
MAPS_PARSER, SMAPS_PARSER = 650, 1200
ROW, ROW_WITH_FIGURES = 2100, 4500
# Bytes per mapping at the peak of allocated memory.
MEMORY, MEMORY_WITH_FIGURES = 150, 250


@pytest.fixture(name="anonymous", scope="module")
def fixture_anonymous():
    with sizes("untouched") as pids:
        yield pids


@pytest.fixture(name="files", scope="module")
def fixture_files(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "page"
    path.write_bytes(bytes(1 << 16))
    with sizes("files", path) as pids:
        yield pids


def valgrind(*args):
    """What valgrind reports about a run of memmap."""
    run = subprocess.run([need("valgrind"), *map(str, args)], check=False, stdout=subprocess.DEVNULL,
                         stderr=subprocess.PIPE, text=True, env=ENVIRONMENT)
    assert run.returncode == 0, run.stderr
    return run.stderr


def instructions(pid, options, function):
    """The instructions executed in a function and all that it calls, or in the whole run."""
    within = [f"--toggle-collect={function}"] if function else []
    said = valgrind("--tool=callgrind", "--callgrind-out-file=/dev/null", *within, MEMMAP, *options, pid)
    count = int(re.search(r"Collected *: (\d+)", said)[1])
    # A function that is never called would stay below every limit.
    assert count > 0, function
    return count


def peak_memory(pid, options, log):
    valgrind("--tool=massif", f"--massif-out-file={log}", MEMMAP, *options, pid)
    return max(map(int, re.findall(r"mem_heap_B=(\d+)", log.read_text())))


@pytest.mark.parametrize(("options", "function", "most"), [
    ([], "maps_parser_feed", MAPS_PARSER),
    (["-x"], "smaps_parser_feed", SMAPS_PARSER),
    ([], None, ROW),
    (["-x"], None, ROW_WITH_FIGURES),
], ids=["maps", "smaps", "row", "row-with-figures"])
def test_instructions(anonymous, options, function, most):
    assert slope(*(instructions(pid, options, function) for pid in anonymous)) <= most


def test_instructions_of_file_mappings(files):
    assert slope(*(instructions(pid, [], None) for pid in files)) <= ROW * 1.1


@pytest.mark.parametrize(("options", "most"), [([], MEMORY), (["-x"], MEMORY_WITH_FIGURES)],
                         ids=["map", "figures"])
def test_memory(anonymous, tmp_path, options, most):
    assert slope(*(peak_memory(pid, options, tmp_path / "massif") for pid in anonymous)) <= most
