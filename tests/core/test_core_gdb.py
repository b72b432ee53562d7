# SPDX-License-Identifier: MIT
"""Core files, compared with what gdb shows: threads and their frames, memory in the file, mapped files."""
import json
import re
import subprocess
from pathlib import Path

import pytest

from conftest import LIMIT, need
from helpers.cores import build_crash, core_target, gdb_core, kernel_core

HERE = Path(__file__).resolve().parent
MAKERS = {"kernel": kernel_core, "gcore": gdb_core}
VARIANTS = [("gcc", "pie"), ("gcc", "static"), ("i686-linux-gnu-gcc", "pie")]


def gdb(program, core, *commands):
    run = subprocess.run(
        [need("gdb"), "-batch", "-nx", "-iex", "set debuginfod enabled off", "-ex", "set backtrace past-main on",
         program, core, *commands], check=False, capture_output=True, text=True, timeout=LIMIT)
    return run.stdout


@pytest.fixture(name="made", scope="module", params=[(v, m) for v in VARIANTS for m in MAKERS],
                ids=lambda param: "-".join((*param[0], param[1])))
def fixture_made(request, tmp_path_factory):
    variant, maker = request.param
    directory = tmp_path_factory.mktemp("made")
    program = build_crash(directory, *variant)
    live, core = MAKERS[maker](directory, program, "segv")
    return live, program, core


def test_frames_of_every_thread(made):
    _, program, core = made
    output = gdb(program, core, "-x", HERE / "gdb_core.py")
    truth = json.loads(next(line for line in output.splitlines() if line.startswith("FRAMES "))[7:])
    assert len(truth) == 4
    threads = core_target(core)["threads"]
    assert sorted(thread["tid"] for thread in threads) == sorted(map(int, truth))
    for tid, expected in truth.items():
        frames = core_target(core, f"--frames={tid}")["frames"]
        assert [(int(frame["pc"], 16), frame["inlined"]) for frame in frames] == [
            (pc, is_inlined) for pc, _, is_inlined in expected]
        for frame, (_, cfa, is_inlined) in zip(frames[:-1], expected):
            assert is_inlined or int(frame["end"], 16) == cfa, frame
        thread = next(thread for thread in threads if thread["tid"] == int(tid))
        sp = next(frame["start"] for frame in frames if not frame["inlined"])
        assert (thread["sp"], thread["used_by"]) == (sp, "sp")


def test_memory_in_the_file(made):
    """The memory in the core file is that of the sections that gdb shows, by address."""
    _, program, core = made
    sections = re.findall(r"(0x[0-9a-f]+)->(0x[0-9a-f]+) at 0x[0-9a-f]+: load.* HAS_CONTENTS",
                          gdb(program, core, "-ex", "maint info sections"))
    parts = [(int(start, 16), int(end, 16)) for start, end in sections]
    assert len(parts) > 10
    target = core_target(core)
    assert target["core"]["dumped"] == sum(end - start for start, end in parts)
    for region in target["regions"]:
        first, last = int(region["start"], 16), int(region["end"], 16)
        assert region["dumped"] == sum(max(0, min(last, end) - max(first, start)) for start, end in parts), region


def test_mapped_files(made):
    live, program, core = made
    rows = re.findall(r"^\s*(0x[0-9a-f]+)\s+(0x[0-9a-f]+)\s+0x[0-9a-f]+\s+(0x[0-9a-f]+)\s+(/.*?)\s*$",
                      gdb(program, core, "-ex", "info proc mappings"), re.MULTILINE)
    mappings = [(int(start, 16), int(end, 16), int(offset, 16), name) for start, end, offset, name in rows]
    assert mappings
    regions = core_target(core)["regions"]
    for start, end, offset, name in mappings:
        own = [region for region in regions if start <= int(region["start"], 16) < end]
        assert own[0]["offset"] == offset and int(own[-1]["end"], 16) == end
        assert {region["name"] for region in own} == {name}
    assert {(m.start, m.end, m.offset, m.name) for m in live.mappings if m.inode} == set(mappings)
