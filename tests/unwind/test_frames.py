# SPDX-License-Identifier: MIT
"""Stack frames compared with what the program itself reports, for several compilers and kinds of work."""
import json
import os
import subprocess

import pytest

from conftest import MEMMAP, Process, memmap, memmap_json, missing, need, need_64_bit, wait_until
from helpers.frames import (address, assert_sound_frames, assert_told, frames_of, start_calls, tid_of,
                            valid_target_of, with_large_stack)
from helpers.kernel import mappings_of
from helpers.programs import build, public_dir

VARIANTS = [
    ("gcc", "-O0", "-g"), ("gcc", "-O2", "-g"), ("gcc", "-O2"), ("gcc", "-O2", "-fomit-frame-pointer", "-g"),
    ("gcc", "-O1", "-fno-omit-frame-pointer"), ("gcc", "-O1", "-g", "-no-pie"), ("gcc", "-O2", "-static"),
    ("gcc", "-O2", "-static-pie"), ("gcc", "-O1", "-fuse-ld=lld"), ("gcc", "-O1", "-Wl,-z,max-page-size=0x200000"),
    ("clang", "-O0"), ("clang", "-O2", "-g"),
    ("i686-linux-gnu-gcc", "-O0", "-g"), ("i686-linux-gnu-gcc", "-O2"), ("i686-linux-gnu-gcc", "-O1", "-static"),
]


@pytest.mark.parametrize("variant", VARIANTS, ids="".join)
def test_compilers(variant):
    if "-fuse-ld=lld" in variant:
        need("ld.lld")
    with start_calls(10, variant=variant) as process:
        frames = frames_of(process)
        assert_told(process, frames)
        assert frames[-1]["function"] == "_start" and frames[-1]["end"] is None
        assert len({frame["size"] for frame in frames if frame["function"] == "down"}) > 4


@pytest.mark.parametrize("variant", [("gcc", "-O2", "-s"), ("clang", "-O1", "-s")], ids="".join)
def test_stripped(variant):
    """A stripped program has all its frames, but no names."""
    with start_calls(10, variant=variant) as process:
        frames = frames_of(process)
        assert_told(process, frames, named=False)
        assert all(frame["function"] is None for frame in frames if frame["module"].endswith("-s"))


@pytest.mark.parametrize("what", ["input", "loop", "sleep", "handler", "handler-elsewhere", "thread", "orphan"])
def test_activities(what):
    with start_calls(5, what) as process:
        frames = frames_of(process)
        if what in ("thread", "orphan"):
            assert tid_of(process) != process.pid
        assert_told(process, frames)
        assert frames[-1]["function"] in ("_start", "clone", "clone3", "__clone3", "__clone")


def test_closed_standard_streams():
    """If standard streams are closed, files opened in their place are not mistaken for them."""
    with start_calls(5) as process:
        run = subprocess.run(["sh", "-c", 'exec "$0" "$@" <&- 2>&-', MEMMAP, "--raw", "--frames", str(process.pid)],
                             check=False, stdout=subprocess.PIPE)
        assert run.returncode == 0
        assert run.stdout == memmap("--raw", "--frames", process.pid).stdout


def test_orphan_in_kernel_code():
    """A 32-bit program calls the kernel through the vdso, which can be read even if the main thread has ended."""
    with start_calls(5, "orphan", variant=("i686-linux-gnu-gcc", "-O1", "-g")) as process:
        frames = frames_of(process)
        assert (frames[0]["module"], frames[0]["function"]) == ("[vdso]", "__kernel_vsyscall")
        assert_told(process, frames)


def test_another_stack():
    """If a signal is handled on another stack, the frame at the seam has no size."""
    with start_calls(5, "handler-elsewhere") as process:
        frames = frames_of(process)
        handle = next(i for i, frame in enumerate(frames) if frame["function"] == "handle")
        seam, interrupted = frames[handle + 1], frames[handle + 2]
        assert seam["size"] is None
        assert abs(address(seam["start"]) - address(interrupted["start"])) > 1 << 20


def test_kernel_code():
    """Frames in the vdso, which has no file, are named; sooner or later the program is caught there."""
    need_64_bit("of 32 bits the vdso says only of system calls how to unwind them")
    with start_calls(3, "clock") as process:
        for _ in range(200):
            frames = frames_of(process)
            assert_told(process, frames)
            if frames[0]["module"] == "[vdso]":
                break
        assert frames[0]["module"] == "[vdso]" and "clock_gettime" in frames[0]["function"]


def test_deep():
    """A recursion of a hundred thousand calls has all its frames."""
    with start_calls(100000, preexec_fn=with_large_stack) as process:
        target, = memmap_json("--frames", process.pid)["targets"]
        assert_sound_frames(target, process.pid)
        assert [frame["function"] for frame in target["frames"]].count("down") == 100001


def test_stack_pointer_is_lost():
    """A return address at the very end of the address space cannot be read, and is not made up."""
    if os.uname().machine != "x86_64":
        missing("x86-64")
    with start_calls(3, "nothing", variant=("gcc", "-O2")) as process:
        wait_until(lambda: functions_of(process) == ["without_stack"], "without_stack() has no stack")
        target = valid_target_of("--frames", process.pid, status=3)
        note, = target["notes"]
        assert note["code"] == "frames-truncated"
        assert note["text"].endswith("its caller would be kept at fffffffffffffff8, which cannot be read")


def test_stack_ends():
    """Unwind tables that lead to ever more frames end with the stack: there is none where nothing is mapped."""
    if os.uname().machine != "x86_64":
        missing("x86-64")
    with start_calls(3, "spiral", variant=("gcc", "-O2")) as process:
        wait_until(lambda: set(functions_of(process)) == {"spiral"}, "spiral() has no caller but itself")
        target = valid_target_of("--frames", process.pid, status=3)
        start, end = next(m[:2] for m in mappings_of(process.pid) if m[-1] == b"[stack]")
        first, last = (address(target["frames"][i]["start"]) for i in (0, -1))
        assert start < first and last == end and len(target["frames"]) == (last - first) / 8 + 1
        note, = target["notes"]
        assert note["code"] == "frames-truncated"
        assert note["text"].endswith(f"its caller's frame would be at {end + 8:x}, where nothing is mapped")


def test_stack_leads_back():
    """If saved frame pointers lead back to an earlier frame, each frame is shown once."""
    with start_calls(5, "circle", variant=("gcc", "-O0", "-g")) as process:
        target = valid_target_of("--frames", process.pid, status=3)
        frames = [frame for frame in target["frames"] if not frame["inlined"]]
        assert [frame["function"] for frame in frames][-4:] == ["in_circle", "act", "down", "down"]
        note, = target["notes"]
        assert note["code"] == "frames-truncated"
        assert note["text"].endswith(f"would return to {frames[-2]['pc'][2:]} again, with the same stack pointer")


def functions_of(process):
    run = memmap("--json", "--frames", process.pid)
    assert run.returncode in (0, 3), run.stderr
    return [frame["function"] for frame in json.loads(run.stdout)["targets"][0]["frames"]]


def test_target_is_a_thread():
    """If --frames names no thread, it shows the one that the target names."""
    with start_calls(5, "thread") as process:
        tid = tid_of(process)
        assert {frame["thread"] for frame in valid_target_of("--frames", tid)["frames"]} == {tid}
        assert {frame["thread"] for frame in valid_target_of("--frames", process.pid)["frames"]} == {process.pid}
        assert {frame["function"] for frame in valid_target_of("--frames", process.pid)["frames"]} >= {"main"}


def test_inlined():
    """Inlined functions have rows of their own, with the lines where each calls the next, and no size."""
    with start_calls(3, variant=("gcc", "-O2", "-g")) as process:
        frames = valid_target_of("--frames", process.pid)["frames"]
        downs = [i for i, frame in enumerate(frames) if frame["function"] == "down" and not frame["inlined"]]
        assert len(downs) == 4
        for i in downs:
            assert [frame["function"] for frame in frames[i - 2:i]] == ["go_on", "go_deeper"]
            assert all(frame["inlined"] and frame["pc"] == frames[i]["pc"] for frame in frames[i - 2:i])
            assert len({frame["line"] for frame in frames[i - 2:i + 1]}) == 3


def test_debug_file():
    """Source lines and names come from a separate debug file, if it is of the same build."""
    program, other = (build("calls.c", "gcc", flag, "-g") for flag in ("-O1", "-O2"))
    stripped, debug = public_dir() / "stripped", public_dir() / ".debug" / "stripped.debug"
    debug.parent.mkdir(exist_ok=True)
    for source, has_lines in ((program, True), (other, False)):
        objcopy("--only-keep-debug", program, debug)
        objcopy("--strip-all", f"--add-gnu-debuglink={debug}", program, stripped)
        objcopy("--only-keep-debug", source, debug)
        with Process([stripped, "3"]) as process:
            frames = [frame for frame in frames_of(process) if frame["module"] == str(stripped)]
            assert_told(process, frames_of(process), named=has_lines)
            for frame in frames[:-1]:
                assert (frame["source"] is not None) == has_lines, frame
                assert (frame["function"] is not None) == has_lines, frame


def objcopy(*args):
    subprocess.run([need("objcopy"), *args], check=True)
