# SPDX-License-Identifier: MIT
"""--folded: lines for flame-graph tools, each byte once."""
import os
import re
import sys

import pytest

from conftest import memmap, memmap_json
from helpers.figures import smaps
from helpers.programs import build, start
from helpers.snapshots import need_snapshots, save

# flamegraph.pl takes the last number of a line for its samples, and a number before it for those of an older profile.
LINE = re.compile(r"(\S+) (\d+)")


def folded(*args, status=0, **kwargs):
    """{frames: bytes} of all lines."""
    run = memmap("--folded", *args, text=True, **kwargs)
    assert run.returncode == status, run.stderr
    matches = [LINE.fullmatch(line) for line in run.stdout.splitlines()]
    assert all(matches), run.stdout
    return {tuple(match[1].split(";")): int(match[2]) for match in matches}


@pytest.fixture(scope="module")
def process():
    with start("set_comm.c", "folded") as process:
        yield process


@pytest.fixture(scope="module")
def document(process, tmp_path_factory):
    need_snapshots()
    path = tmp_path_factory.mktemp("folded") / "snapshot"
    save(path, "-S", "-X", process.pid)
    return path


def test_sums(document):
    """The lines of each kind, and all lines, add up to what is resident, or to another figure."""
    target = memmap_json(document, "-S", "-X")["targets"][0]
    for column, figure in (("RSS", lambda region: region["usage"]["rss"]),
                           ("PSS", lambda region: region["usage"]["pss"]),
                           ("SIZE", lambda region: region["size"])):
        lines = folded(document, "-o", column)
        kinds = {region["kind"] for region in target["regions"] if figure(region)}
        assert {frames[0] for frames in lines} == kinds
        for kind in kinds:
            assert sum(value for frames, value in lines.items() if frames[0] == kind) == \
                sum(figure(region) for region in target["regions"] if region["kind"] == kind)
    assert folded(document) == folded(document, "-o", "RSS") == folded(document, "-x")
    assert sum(folded(document).values()) == sum(region["usage"]["rss"] for region in target["regions"])


def test_frames(document):
    lines = folded(document)
    libc = [frames for frames in lines if re.match(r"libc[.-]|ld-musl", (*frames, "")[1])]
    assert ("text", libc[0][1], ".text") in lines
    assert any(frames[:2] == ("heap", "[heap]") for frames in lines)
    assert any(frames[:2] == ("stack", "[stack]") for frames in lines)


def test_narrowing(document):
    lines = folded(document, "-k", "text,heap")
    assert {frames[0] for frames in lines} == {"text", "heap"}
    assert lines.items() <= folded(document).items()


def test_live_process_and_file(process, tmp_path):
    path = tmp_path / "folded"
    assert memmap("--folded", process.pid, "--output-file", path).returncode == 0
    total = sum(int(line.split()[1]) for line in path.read_text().splitlines())
    assert total == sum(mapping["rss"] for mapping in smaps(process.pid).values())
    sizes = folded(sys.executable, "-o", "SIZE")
    assert sum(sizes.values()) == memmap_json(sys.executable)["targets"][0]["process"]["virtual"]
    # A file is not in memory: it has only sizes.
    assert folded(sys.executable, status=3) == sizes


def test_files_that_are_called_the_same(tmp_path):
    text = tmp_path / "maps"
    text.write_text("10000-11000 r--p 00000000 08:01 1 /a/same\n"
                    "11000-13000 r--p 00000000 08:01 2 /b/same\n"
                    "13000-14000 r--p 00000000 08:01 3 /b/other\n"
                    "14000-15000 rw-p 00000000 00:00 0 [anon:x/same]\n")
    assert folded(text, "-o", "SIZE") == {
        ("file", "/b/same"): 0x2000, ("file", "/a/same"): 0x1000, ("file", "other"): 0x1000,
        ("anon", "[anon:x/same]"): 0x1000}


def test_file_by_a_relative_path(tmp_path):
    """A relative path gives a file the same name as its absolute path."""
    absolute = folded("-o", "SIZE", build("set_comm.c"))
    assert {frames[1] for frames in absolute if len(frames) > 1} == {build("set_comm.c").name}
    folder = build("set_comm.c").parent
    (folder / "below").mkdir(exist_ok=True)
    for cwd, path in ((folder, "./set_comm"), (folder / "below", "../set_comm"), (folder.parent, f"{folder.name}/set_comm")):
        assert folded("-o", "SIZE", path, cwd=cwd) == absolute
    need_snapshots()
    (tmp_path / "snapshot").write_bytes(memmap("-S", "--json", "./set_comm", cwd=folder).stdout)
    assert folded("-o", "SIZE", tmp_path / "snapshot") == absolute


@pytest.mark.parametrize("name, shown", [("a b", r"a\x20b"), ("a;b 12", r"a\x3bb\x2012"), ("\x1b[31m", r"\x1b[31m"),
                                         ("a\\", r"a\x5c"), ("x\x85", r"x\xc2\x85")])
def test_hostile_names(name, shown, tmp_path):
    text = tmp_path / "maps"
    text.write_text(f"10000-11000 r--p 00000000 08:01 1 /{name}\n")
    assert list(folded(text, "-o", "SIZE")) == [("file", shown)]


@pytest.mark.parametrize("args", [["-J"], ["-m"], ["-d"], ["--openmetrics"], ["-w"], ["--sort", "RSS"], ["-e"],
                                  ["-o", "NAME"], ["-o", "RSS,PSS"], ["-o", "KERNELPAGESIZE"], ["-o", "+PSS"],
                                  ["--output-all"]])
def test_what_does_not_go_with_it(args):
    run = memmap("--folded", *args, os.getpid(), *([os.getpid()] if args == ["-d"] else []), text=True)
    assert (run.returncode, run.stdout) == (2, "") and "--folded" in run.stderr


def test_several_processes():
    """The lines of the processes follow one another; tools add them up."""
    with start("set_comm.c", "folded two"), start("set_comm.c", "folded two"):
        run = memmap("--folded", "folded two", "-o", "PSS", text=True)
        assert run.returncode == 0 and run.stdout.count("stack;[stack] ") == 2
        run = memmap("--all", "--folded", "-o", "PSS", "-k", "stack", text=True)
        assert run.stdout.count("stack;[stack] ") >= 2
