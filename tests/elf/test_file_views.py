# SPDX-License-Identifier: MIT
"""Every view, option and output for a file: it shows what a file has, and a note for what only a process has."""
import json
import os
import re

import pytest

from conftest import ROOT, memmap, memmap_json, missing, need, need_64_bit
from helpers import vocabulary
from helpers import layouts as build
from helpers.programs import run

try:
    import jsonschema
except ImportError:
    jsonschema = None


@pytest.fixture(name="program", scope="module")
def fixture_program(tmp_path_factory):
    return build.build_program(tmp_path_factory.mktemp("views") / "program", "gcc", "bfd", "pie")


def shown(*args, status=0):
    done = memmap(*args, text=True)
    assert done.returncode == status, done.stderr
    return done.stdout


def note_of(*args):
    """Run memmap, which must write one line to standard error; the rest is still shown."""
    done = memmap(*args, text=True)
    assert done.returncode == 3 and done.stderr.count("\n") == 1, done.stderr
    return done


def test_heading(program):
    need_64_bit("these are the words for x86-64")
    heading = shown(program).splitlines()[0]
    target, = memmap_json(program)["targets"]
    build_id = target["modules"][0]["build_id"]
    assert re.fullmatch(
        re.escape(f"{program}: ELF 64-bit little-endian x86-64 position-independent executable, "
                  f"{target['process']['mappings']} mappings, ") + r"\d+K virtual, " +
        re.escape(f"interpreter /lib64/ld-linux-x86-64.so.2, build-id {build_id}"), heading)


@pytest.mark.parametrize(("layout", "kind"), [
    ("pie", "position-independent executable"), ("fixed", "executable"), ("static", "executable"),
    ("static-pie", "position-independent executable")])
def test_type_of_a_program(tmp_path, layout, kind):
    program = build.build_program(tmp_path / "program", "gcc", "bfd", layout)
    target, = memmap_json(program)["targets"]
    assert target["elf"]["type"] == kind
    assert (target["elf"]["interpreter"] is None) == ("static" in layout)


def test_type_of_a_library():
    """The C library can be run, but is still a shared object."""
    libc = next((path for path in ("/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6")
                 if os.path.exists(path)), None)
    if libc is None:
        missing("glibc for x86-64")
    target, = memmap_json(libc)["targets"]
    assert target["elf"]["type"] == "shared object" and target["elf"]["interpreter"]


def test_summary_has_kinds_and_nothing_of_a_process(program):
    tables = shown("-s", program).split("\n\n")
    assert len(tables) == 1
    assert [line.split()[0] for line in tables[0].splitlines()[1:]] == [
        "KIND", "text", "rodata", "relro", "data", "bss", "TOTAL"]


def test_modules(program):
    heading, row = (line.split() for line in shown("-mrb", program).splitlines()[:2])
    module = dict(zip(heading, row))
    target, = memmap_json(program)["targets"]
    assert module["NAME"] == str(program) and module["BIAS"] == "0" and module["FILE"] == "ok"
    for kind in ("text", "rodata", "relro", "data", "bss", "padding"):
        assert int(module[kind.upper()]) == target["modules"][0][kind]


def test_explain(program):
    text = shown("--explain", program)
    assert "this process" not in text and "the kernel says" not in text
    assert text.count("known from its program headers") == len(memmap_json(program)["targets"][0]["regions"])


@pytest.mark.parametrize("options", [
    ["-x"], ["-X"], ["-o", "+RSS"], ["--sort", "-pss"], ["-s", "-x"], ["-m", "-x"], ["-o", "+flags"]])
def test_figures(program, options):
    done = note_of(*options, program)
    assert done.stderr == f"memmap: {program}: no figures: a file is not in memory until it is run\n"
    assert [note["code"] for note in memmap_json(*options, program, status=3)["targets"][0]["notes"]] == [
        "elf-figures"]


def test_figures_are_unknown_and_never_0(program):
    rows = memmap("-xrn", "-o", "RSS,PSS,DIRTY,SWAP", program, text=True).stdout.splitlines()
    assert rows and set(rows) == {"- - - -"}
    regions = memmap_json("-x", program, status=3)["targets"][0]["regions"]
    assert all(region["usage"] is None for region in regions)


def test_threads(program):
    done = note_of("-t", program)
    assert done.stderr == f"memmap: {program}: no threads: a file has none until it is run\n"
    assert len(done.stdout.splitlines()) == 2
    assert memmap_json("-t", program, status=3)["targets"][0]["threads"] == []


@pytest.mark.skipif(not vocabulary.has_frames(), reason="this build has no --frames")
def test_frames(program):
    done = note_of("--frames", program)
    assert done.stderr == f"memmap: {program}: no frames: a file has no threads until it is run\n"
    assert memmap_json("--frames", program, status=3)["targets"][0]["frames"] is None


def test_at(program):
    """Addresses are those of nm."""
    text = run(need("nm"), program)
    for name in ("main", "constants", "initialised", "zeros"):
        address = int(re.search(rf"^([0-9a-f]+) \w {name}$", text, re.M)[1], 16)
        for query in (name, hex(address)):
            place, = memmap_json("--at", query, program)["targets"][0]["at"]
            assert (place["address"], place["symbol"]["name"], place["page"]) == (hex(address), name, None)


def test_pages(program):
    done = note_of("--pages", "-k", "bss", program)
    assert done.stderr == f"memmap: {program}: no pages: a file is not in memory until it is run\n"
    assert memmap_json("--pages", "-k", "bss", program, status=3)["targets"][0]["pages"] is None


def test_nothing_is_noted_that_nobody_asked_for(program):
    for options in ([], ["-s"], ["-m"], ["-S"], ["-e"], ["--sort", "-size"], ["-o", "+tid,file,section"]):
        assert memmap_json(*options, program)["targets"][0]["notes"] == []


def test_json(program):
    target, = memmap_json(program)["targets"]
    for key in ("pid", "ppid", "comm", "user"):
        assert target[key] is None
    process = target["process"]
    known = {"virtual", "mappings", "reserved", "committed", "limits"}
    assert {key for key, value in process.items() if value is not None} == known
    for limit in process["limits"].values():
        assert limit == {"used": None, "max": None, "unlimited": None}
    assert process["virtual"] == sum(region["size"] for region in target["regions"])


@pytest.mark.parametrize("options", [[], ["-S"], ["-X", "-e", "--pages", "-k", "bss"], ["-t"]])
def test_schema(program, options):
    if jsonschema is None:
        missing("jsonschema (python3-jsonschema)")
    schema = json.loads((ROOT / "src" / "memmap.schema.json").read_text())
    document = json.loads(memmap("--json", *options, program, os.getpid()).stdout)
    assert [target["elf"] is None for target in document["targets"]] == [False, True]
    jsonschema.validators.validator_for(schema)(schema).validate(document)


def test_narrowing(program):
    regions = memmap_json(program)["targets"][0]["regions"]
    text = [region for region in regions if region["kind"] == "text"]

    def narrowed(*options):
        return memmap_json(*options, program)["targets"][0]["regions"]

    assert narrowed("-k", "text") == text
    assert narrowed("-A", text[0]["start"]) == text[:1]
    assert narrowed("--perms", "x") == [region for region in regions if "x" in region["perms"]]
    assert narrowed("--name", "program") == regions
    assert narrowed("--name", "other") == []
    assert narrowed("--sort", "-size") == sorted(regions, key=lambda region: -region["size"])


def test_several_files(program):
    """Files are shown one after the other, with a blank line between them."""
    once = shown(program)
    assert shown(program, program) == f"{once}\n{once}"


def test_procfs_and_user_do_not_matter(program):
    assert shown("--procfs", "/nowhere", "-u", "root", program) == shown(program)
