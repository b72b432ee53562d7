# SPDX-License-Identifier: MIT
"""If a snapshot lacks what a view needs, there is a note, a dash or null, and exit status 3."""
import json
import os
import re
import subprocess

import pytest

from helpers.documents import target_of
from helpers.programs import start
from conftest import MEMMAP, ROOT, memmap, need
from helpers.snapshots import need_snapshots, save


@pytest.fixture(name="plain", scope="module")
def fixture_plain(tmp_path_factory):
    """A snapshot of the map alone."""
    need_snapshots()
    path = tmp_path_factory.mktemp("plain") / "a.json"
    with start("two_threads.c") as process:
        assert save(path, process.pid).returncode == 0
    return path


@pytest.mark.parametrize(("view", "code"), [
    (("-x",), "snapshot-figures"),
    (("-o", "+RSS"), "snapshot-figures"),
    (("-S",), "snapshot-sections"),
    (("--pages", "-k", "stack"), "snapshot-pages"),
    (("--frames",), "snapshot-frames"),
    (("--heap",), "snapshot-heap"),
    (("--blocks",), "snapshot-blocks"),
    (("--leaks",), "snapshot-leaks"),
    (("--shared",), "snapshot-sharing"),
    (("--at", "libc.so.6:stdout"), "snapshot-symbols"),
    (("--at", "0x10"), "snapshot-symbols"),
])
def test_note(plain, view, code):
    target = target_of(*view, plain, status=3)
    assert [note["code"] for note in target["notes"]] == [code]
    run = memmap(*view, plain)
    assert run.returncode == 3
    assert run.stderr.count(b"\n") == 1


def test_null(plain):
    assert {region["usage"] for region in target_of("-x", plain, status=3)["regions"]} == {None}
    assert target_of("--pages", "-k", "stack", plain, status=3)["pages"] is None
    assert target_of("--frames", plain, status=3)["frames"] is None
    heap = target_of("--heap", plain, status=3)
    assert heap["arenas"] is None and heap["verdict"] is None
    assert target_of("--blocks", plain, status=3)["blocks"] is None


def test_some_figures(tmp_path):
    """If only RSS and SWAP were saved, the other figures are null, with a note."""
    need_snapshots()
    with start("two_threads.c") as process:
        save(tmp_path / "a.json", "-o", "+RSS", process.pid)
    target = target_of("-x", tmp_path / "a.json", status=3)
    assert [note["code"] for note in target["notes"]] == ["snapshot-figures"]
    for region in target["regions"]:
        assert region["usage"]["rss"] is not None and region["usage"]["pss"] is None


def test_part(tmp_path):
    """A narrowed snapshot has the numbers of the whole process, and notes say what it cannot know."""
    need_snapshots()
    path = tmp_path / "a.json"
    with start("two_threads.c") as process:
        save(path, "-k", "stack", process.pid)
    target = target_of(path)
    assert {region["kind"] for region in target["regions"]} == {"stack"}
    assert target["process"]["mappings"] > len(target["regions"])
    assert [note["code"] for note in target_of("--at", "0x10", path, status=3)["notes"]] == [
        "snapshot-symbols", "snapshot-narrowed"]


def test_address(plain):
    """--at still shows the region of an address, without symbol and page."""
    region = target_of(plain)["regions"][0]
    place, = target_of("--at", region["start"], plain, status=3)["at"]
    assert place["region"] == region
    assert place["symbol"] is None and place["page"] is None


@pytest.mark.parametrize("saved", ["-s", "-m", "-t", "--heap", "--blocks", "--frames", "--at=0x1000"])
def test_difference_without_regions(tmp_path, plain, saved):
    """Regions that were not saved do not look added or removed: nothing is compared."""
    other = tmp_path / "other.json"
    with start("two_threads.c") as process:
        save(other, saved, process.pid)
    for old, new in ((other, plain), (plain, other)):
        target = target_of("-d", old, new, status=3)
        assert target["changes"] is None and target["kinds"] is None
        notes = (target["old"] if old == other else target)["notes"]
        assert "snapshot-part" in {note["code"] for note in notes}
        for options in ((), ("-x",), ("-r",), ("-k", "heap"), ("--svg",)):
            shown = memmap("-d", *options, old, new, text=True)
            assert shown.returncode == 3 and f"memmap: {other}: no regions: they were not saved" in shown.stderr
            for word in ("added", "removed", "No difference", "TOTAL", "new 0B"):
                assert word not in shown.stdout, options


@pytest.mark.parametrize("saved", [("-k", "stack"), ("--pages", "-k", "stack")])
def test_difference_from_a_part(tmp_path, plain, saved):
    """Regions that a snapshot left out look added or removed: a note says so."""
    part = tmp_path / "part.json"
    with start("two_threads.c") as process:
        save(part, *saved, process.pid)
    code = "snapshot-narrowed"
    assert code in {note["code"] for note in target_of("-d", part, plain, status=3)["old"]["notes"]}
    assert code in {note["code"] for note in target_of("-d", plain, part, status=3)["notes"]}
    run = memmap("-d", part, plain, text=True)
    assert run.returncode == 3 and run.stderr == (
        f"memmap: {part}: the snapshot has only part of the address space: the rest of the other looks added\n")
    assert memmap("-d", "-k", "stack", part, plain, text=True).stderr == ""
    assert memmap("-d", part, part, text=True).stderr == ""


def test_other_thread(tmp_path):
    need_snapshots()
    path = tmp_path / "a.json"
    with start("two_threads.c") as process:
        if save(path, "--frames", process.pid).returncode != 0:
            pytest.skip("missing: frames")
        assert memmap("--frames", path).returncode == 0
        assert target_of("--frames=1", path, status=3)["frames"] is None


@pytest.mark.parametrize(("saved", "view", "keys"), [
    ("-s", (), ("regions", "modules", "threads")),
    ("-s", ("-m",), ("modules",)),
    ("-m", ("-s",), ("totals", "named")),
    ("-m", ("-t",), ("threads",)),
    ("-t", ("-s",), ("totals", "named")),
])
def test_other_part(tmp_path, saved, view, keys):
    """--summary, --modules and --threads save what they show, and no more."""
    need_snapshots()
    path = tmp_path / "a.json"
    with start("two_threads.c") as process:
        save(path, saved, process.pid)
    target = target_of(*view, path, status=3)
    assert {target[key] for key in keys} == {None}
    assert {note["code"] for note in target["notes"]} == {"snapshot-part"}
    assert memmap(*view, path).returncode == 3


def test_nothing_else_is_read(tmp_path, plain):
    """A view of a snapshot reads neither files of modules nor processes."""
    strace = need("strace")
    log = tmp_path / "log"
    subprocess.run([strace, "-f", "-o", log, "-e", "trace=openat,open", MEMMAP, "-S", plain], check=False,
                   capture_output=True)
    names = json.loads(plain.read_text())["targets"][0]["modules"]
    program = names[0]["path"]
    assert program not in log.read_text()
    # A sanitizer looks at its own process.
    assert not re.search(r"/proc/\d", log.read_text())


@pytest.mark.parametrize(("args", "key", "option"), [
    (["-d", "{}", "{}"], "targets[0].changes", "--diff"),
    (["-d", "--blocks", "{}", "{}"], "targets[0].block_changes", "--diff"),
    (["-d", "--heap", "{}", "{}"], "targets[0].heap_changes", "--diff"),
    (["--shared", "PID"], "targets[0].shared", "--shared"),
    (["--check", "PID"], "targets[0].findings", "--check"),
    (["--leaks", "PID"], "targets[0].leaks", "--leaks"),
    (["-a"], "processes", "--all"),
    (["--group=user", "-a"], "groups", "--all"),
])
def test_refused(tmp_path, plain, args, key, option):
    """Documents that cannot be read back, like those of several processes or of two readings, are refused."""
    path = tmp_path / "a.json"
    save(path, *({"{}": str(plain), "PID": str(os.getpid())}.get(arg, arg) for arg in args))
    run = memmap(path, text=True)
    assert (run.returncode, run.stdout) == (1, "")
    assert re.fullmatch(rf"memmap: {path}: line \d+, column \d+: {re.escape(key)}: "
                        rf"the output of {option} --json cannot be read back\n", run.stderr)


def keys_of(schema):
    return schema["properties"].keys()


def test_every_key_is_known(tmp_path, plain):
    """Each key of the schema, in targets and outside, is read or refused: nothing that is saved is lost silently."""
    schema = json.loads((ROOT / "src" / "memmap.schema.json").read_text())
    document = json.loads(plain.read_text())
    target = document["targets"][0]
    # Derived from other keys, or always beside one that is refused.
    follows = {"fork", "functions", "unsure", "verdict", "old", "kinds", "block_sums", "heap_sums"}
    for key in keys_of(schema["$defs"]["target"]) - follows:
        # No key has a fraction as its value.
        text = json.dumps({**document, "targets": [{**target, key: 0.5}]})
        (tmp_path / "a.json").write_text(text)
        assert memmap(tmp_path / "a.json").returncode == 1, key
    for key in keys_of(schema) - {"version", "notes"}:
        (tmp_path / "a.json").write_text(json.dumps({**document, key: 0.5}))
        assert memmap(tmp_path / "a.json").returncode == 1, key
