# SPDX-License-Identifier: MIT
"""--explain: a sentence for each region, for readers who have never looked into /proc."""
import os
import re
import shutil
from pathlib import Path

import pytest

from conftest import Process, memmap, memmap_json, need
from helpers.programs import PROGRAMS, build, public_dir, run, start
from helpers.threads import Heap, told
from helpers.users import need_memory

MODULE_KINDS = ("text", "rodata", "relro", "data", "bss")
LONGEST = 250


def explained(process):
    need_memory()
    target, = memmap_json("--explain", process.pid)["targets"]
    assert target["regions"]
    for region in target["regions"]:
        assert_sentence(region, target)
    return target


def assert_sentence(region, target):
    """The explanation is one sentence, and names what the region belongs to."""
    text = region["explanation"]
    assert len(text) <= LONGEST, text
    assert text.isprintable() and text.endswith(").") and not text[0].islower(), text
    assert text.count(" (") >= 1 and not re.search(r"\s\s|\.\s[A-Z]|nan|null|\(null\)", text), text
    if region["kind"] in MODULE_KINDS and region["module"] is not None:
        assert os.path.basename(target["modules"][region["module"]]["path"]) in text, text
    if region["kind"] == "bss" and region["padding"] < region["size"]:
        assert f" {region['size'] - region['padding']} bytes " in text, text
    if region["kind"] in ("stack", "heap", "reserved"):
        whose = [] if region["tid"] is None else [
            "the main thread" if region["tid"] == target["pid"] else f"thread {region['tid']}"]
        assert re.findall(r"\bthe main thread\b|\bthread -?\d+", text) == whose, text
    if region["kind"] == "reserved":
        is_arena = region["basis"] in ("thread", "pattern")
        assert text.startswith("Room that a malloc arena has left" if is_arena else "Address space set aside"), text
    if region["kind"] == "stack" and region["tid"] is None:
        assert "ended" in text, text


def sentences(target, kind):
    return [region["explanation"] for region in target["regions"] if region["kind"] == kind]


@pytest.mark.parametrize("variant", [("gcc",), ("gcc", "-static"), ("musl-gcc",), ("i686-linux-gnu-gcc",)],
                         ids="".join)
def test_stacks(variant):
    with start("stacks.c", "3:pipe:own:4096:0", "1:sleep:malloc:0:65536", "1:spin:bss:0:65536",
               "2:ended:own:4096:0", variant=variant) as process:
        target = explained(process)
        said = "\n".join(sentences(target, "stack"))
        for stack in told(process):
            if ":own:" in stack.what and "ended" not in stack.what:
                assert f"thread {stack.tid}" in said
        assert any("stack" in text for text in sentences(target, "guard"))


@pytest.mark.parametrize("way", ["own", "grown"])
def test_arenas(way):
    with start("arenas.c", way) as process:
        target = explained(process)
        heaps = {text for text in sentences(target, "heap") if not text.startswith("The heap: ")}
        rooms = {text for text in sentences(target, "reserved") if text.startswith("Room ")}
        known = "(known from the C library's records of its threads and arenas)."
        tids = {heap.tid for heap in told(process, Heap)}
        assert heaps == {"Heap of a malloc arena, which keeps threads from waiting for each other; "
                         f"used by thread {tid} {known}" for tid in tids}
        assert rooms == {"Room that a malloc arena has left to grow into; it takes no memory yet; "
                         f"the arena is used by thread {tid} {known}" for tid in tids}


def test_node():
    with Process([need("node"), PROGRAMS / "threads.js"]) as process:
        target = explained(process)
        assert set(sentences(target, "jit")) == {
            "Code made at run time, such as a JIT compiler's: executable memory from no file "
            "(known only from its access rights)."}
        assert any(text.startswith("Address space set aside") for text in sentences(target, "reserved"))


def test_java():
    run(need("javac"), "-d", public_dir(), PROGRAMS / "Threads.java")
    with Process([need("java"), "-Xmx64m", "-cp", public_dir(), "Threads"]) as process:
        explained(process)


def test_hostile_name(tmp_path):
    """Control characters in a module's name reach neither the terminal nor the sentence."""
    program = shutil.copy(build("stacks.c"), tmp_path / "a\x1b[31m\nb (that is all).")
    with Process([program]) as process:
        target, = memmap_json("--explain", process.pid)["targets"]
        assert all(region["explanation"].isprintable() for region in target["regions"])
        for args in ([], ["--raw"], ["--no-truncate"]):
            out = memmap("--explain", *args, process.pid).stdout
            assert b"\x1b" not in out
            assert b"\n" + b"b (that" not in out


def test_table():
    """In a table, each row is followed by its sentence, once."""
    with start("stacks.c", "2:pipe:own:4096:0") as process:
        regions = explained(process)["regions"]
        lines = memmap("--explain", "--no-truncate", process.pid).stdout.decode().splitlines()
        said = [line.strip() for line in lines if line.rstrip().endswith(").")]
        assert said == [region["explanation"] for region in regions]


def test_raw():
    """With --raw, the sentence is an additional last field."""
    with start("stacks.c", "2:pipe:own:4096:0") as process:
        regions = explained(process)["regions"]
        plain = memmap("--raw", "--noheadings", process.pid).stdout.decode().splitlines()
        rows = memmap("--raw", "--noheadings", "--explain", process.pid).stdout.decode().splitlines()
        assert len(rows) == len(plain) == len(regions)
        for row, without, region in zip(rows, plain, regions):
            *others, sentence = row.split(" ")
            assert others == without.split(" ")
            unescaped = re.sub(r"\\x([0-9a-f]{2})", lambda match: chr(int(match[1], 16)), sentence)
            assert unescaped == region["explanation"]


def test_recorded_names():
    """A recorded process whose kernel names anonymous memory is explained, too."""
    root = Path(__file__).resolve().parent.parent / "fixtures" / "proc" / "anon-names"
    document = memmap_json("--explain", "--procfs", root, "4242")
    target, = document["targets"]
    for region in target["regions"]:
        assert_sentence(region, target)
    text = {region["name"]: region["explanation"] for region in target["regions"]}
    assert "thread 123" in text["[anon: glibc: pthread stack: 123]"]
    assert "ended" in text["[anon: glibc: unused stack]"]
    assert "arena" in text["[anon: glibc: malloc arena]"]
