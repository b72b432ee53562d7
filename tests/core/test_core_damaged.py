# SPDX-License-Identifier: MIT
"""Core files that were cut off, compressed, or made to mislead."""
import os
import random
import shutil
import subprocess

import pytest

from conftest import memmap, memmap_json, need
from helpers.cores import build_crash, core_target, kernel_core
from helpers.documents import assert_valid, refusal
from helpers.make_core import PAGE, File, Load, Maker, R, W
from helpers.readelf import Elf

FAR = 0x10000000


@pytest.fixture(name="core", scope="module")
def fixture_core(tmp_path_factory):
    directory = tmp_path_factory.mktemp("core")
    _, core = kernel_core(directory, build_crash(directory), "segv")
    return core


def cut(core, path, size):
    shutil.copy(core, path)
    os.truncate(path, size)
    return path


def test_cut_off(core, tmp_path):
    """Memory that was cut off counts as missing, not as dumped; a note says how much, and where."""
    whole = core_target(core)
    size = core.stat().st_size - whole["core"]["dumped"] // 2
    target = core_target(cut(core, tmp_path / "core", size), status=3)
    end = target["core"]
    assert end["missing"] == core.stat().st_size - size and end["dumped"] + end["missing"] == whole["core"]["dumped"]
    assert [(r["start"], r["end"]) for r in target["regions"] if r["kind"] == "stack" and r["name"]] == [
        (r["start"], r["end"]) for r in whole["regions"] if r["kind"] == "stack" and r["name"]]
    lost = [load for load in Elf(core).loads if load.offset + load.file_end - load.start > size]
    first = min(load.start + max(size - load.offset, 0) for load in lost)
    last = max(load.file_end for load in lost)
    note, = (note["text"] for note in target["notes"] if note["code"] == "core-truncated")
    assert note == (f"the core file is cut off: {end['missing']} bytes of memory are missing, between {first:x} and "
                    f"{last:x}")
    line = memmap("-b", tmp_path / "core", text=True).stdout.splitlines()[0]
    assert line.endswith(f", {end['dumped']} in the file, {end['missing']} cut off")


def test_frames_of_a_stack_that_was_cut_off(core, tmp_path):
    """With the registers but without the stack, memmap shows one frame at most: its caller is unknown."""
    main = core_target(core)["pid"]
    frames = core_target(cut(core, tmp_path / "core", core.stat().st_size // 2), f"--frames={main}", status=3)["frames"]
    assert frames is None or len(frames) == 1


@pytest.mark.parametrize("part", [0.999, 0.9, 0.5, 0.1, 0.01, 0.002])
def test_any_length(core, tmp_path, part):
    path = cut(core, tmp_path / "core", int(core.stat().st_size * part))
    run_of_it = memmap("-J", path)
    assert run_of_it.returncode in (1, 3) and (run_of_it.returncode == 1) == (not run_of_it.stdout.count(b'"source"'))


def test_bits_that_are_wrong(core, tmp_path):
    """Whatever headers and notes say, memmap shows the core file or refuses it."""
    contents = core.read_bytes()[:1 << 16]
    chance = random.Random(20261128)
    for _ in range(60):
        wrong = bytearray(contents)
        for _ in range(chance.randrange(1, 30)):
            wrong[chance.randrange(4, 8192)] = chance.randrange(256)
        (tmp_path / "wrong").write_bytes(wrong)
        done = memmap("-J", tmp_path / "wrong")
        assert done.returncode in (0, 1, 3), done


@pytest.mark.parametrize(("tool", "name", "cure"), [
    ("zstd", "zstd", "zstd -d"), ("lz4", "LZ4", "lz4 -d"), ("xz", "xz", "xz -d"), ("gzip", "gzip", "gzip -d"),
    ("bzip2", "bzip2", "bzip2 -d"),
])
def test_compressed(tmp_path, tool, name, cure):
    """A core file that one of these tools has compressed is refused, with the command to decompress it."""
    (tmp_path / "core").write_bytes(b"\x7fELF" + bytes(1000))
    with open(tmp_path / "core.packed", "wb") as packed, open(tmp_path / "core", "rb") as plain:
        subprocess.run([need(tool), "-c"], stdin=plain, stdout=packed, check=True)
    assert refusal(tmp_path / "core.packed") == (
        f"compressed by {name}: decompress it first ({cure}; or, for a core file that systemd keeps, coredumpctl dump "
        "-o core PID)")


def test_kernel(tmp_path):
    maker = Maker()
    notes = maker.prstatus(0, [0] * 27) + maker.note(0, b"OSRELEASE=6.1\n", b"VMCOREINFO")
    core = maker.write(tmp_path / "core", [Load(FAR, PAGE, R)], notes)
    assert refusal(core) == "a core file of the kernel, not of a process"


def test_no_memory(tmp_path):
    maker = Maker()
    core = maker.write(tmp_path / "core", [], maker.prstatus(1, [0] * 27))
    assert refusal(core) == "a damaged core file: it has no memory"


def test_no_notes(tmp_path):
    core = Maker().write(tmp_path / "core", [Load(FAR, PAGE, R, b"x" * PAGE)], b"")
    document = memmap_json(core, status=3)
    assert_valid(document)
    target, = document["targets"]
    assert (target["pid"], target["comm"], target["threads"], target["core"]["signal"]) == (None, None, [], None)
    assert {note["code"] for note in target["notes"]} == {"core-notes-missing"}


def test_parts_that_overlap(tmp_path):
    maker = Maker()
    loads = [Load(FAR, 4 * PAGE, R), Load(FAR + PAGE, PAGE, R | W), Load(FAR + 4 * PAGE, PAGE, R)]
    target = core_target(maker.write(tmp_path / "core", loads, maker.prstatus(1, [0] * 27)), status=3)
    assert [(int(region["start"], 16), region["size"]) for region in target["regions"]] == [
        (FAR, 4 * PAGE), (FAR + 4 * PAGE, PAGE)]
    assert "core-overlaps" in {note["code"] for note in target["notes"]}


def test_names_that_mislead(tmp_path):
    """Control characters in names do not reach the terminal as they are."""
    maker = Maker()
    name = b"/tmp/\x1b[31m\nx"
    notes = maker.prstatus(1, [0] * 27) + maker.prpsinfo(1, b"\x1b]0;x\x07") + maker.files([File(FAR, FAR + PAGE, 0, name)])
    core = maker.write(tmp_path / "core", [Load(FAR, PAGE, R | W)], notes)
    for args in ((), ("-r",), ("-J",)):
        done = memmap(*args, core)
        assert b"\x1b" not in done.stdout + done.stderr
    assert core_target(core)["regions"][0]["name"] == name.decode()


def test_threads_that_have_one_number(tmp_path):
    maker = Maker()
    notes = maker.prstatus(7, [0] * 27) + maker.prstatus(-5 & 0xffffffff, [0] * 27) + maker.prstatus(7, [0] * 27)
    target = core_target(maker.write(tmp_path / "core", [Load(FAR, PAGE, R)], notes), status=3)
    assert [thread["tid"] for thread in target["threads"]] == [7]
