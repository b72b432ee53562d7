# SPDX-License-Identifier: MIT
"""Programs that report where their stack frames are (see calls.c), and what memmap shows."""
import resource
from typing import NamedTuple

from conftest import memmap_json
from helpers.documents import assert_valid
from helpers.programs import start
from helpers.users import need_memory



class OwnFrame(NamedTuple):
    """A frame as its program reports it; it ends at the CFA."""
    function: str
    cfa: int
    returns_to: int


def start_calls(*args, variant=("gcc", "-O1", "-g"), **kwargs):
    """A running calls.c, to be used in a with statement."""
    return start("calls.c", *map(str, args), variant=variant, **kwargs)


def with_large_stack():
    """Before a program starts, raise the stack limit for a recursion that would overflow the usual stack."""
    resource.setrlimit(resource.RLIMIT_STACK, (1 << 28, resource.getrlimit(resource.RLIMIT_STACK)[1]))


def own_frames(process):
    """The frames that a program has reported, innermost first."""
    lines = [line.split() for line in process.lines if line.startswith("frame ")]
    return [OwnFrame(name, int(cfa, 16), int(pc, 16)) for _, name, cfa, pc in reversed(lines)]


def tid_of(process):
    line, = (line for line in process.lines if line.startswith("thread "))
    return int(line.split()[1])


def valid_target_of(*args, status=0):
    document = memmap_json(*args, status=status)
    assert_valid(document)
    target, = document["targets"]
    return target


def frames_of(process, status=0):
    """memmap's frames of the thread that reported its own, checked for soundness; inlined calls have no frame."""
    need_memory()
    tid = tid_of(process)
    target = valid_target_of(f"--frames={tid}", process.pid, status=status)
    assert_sound_frames(target, tid)
    return [frame for frame in target["frames"] if not frame["inlined"]]


def address(text):
    return None if text is None else int(text, 16)


def assert_sound_frames(target, tid):
    """What holds for every list of frames, and for the functions that they add up to."""
    sums = {}
    for i, frame in enumerate(target["frames"]):
        assert frame["number"] == i and frame["thread"] == tid
        start, end = address(frame["start"]), address(frame["end"])
        assert (frame["size"] is None) == (end is None), frame
        assert end is None or start <= end and frame["size"] == end - start, frame
        assert (frame["source"] is None) == (frame["line"] is None), frame
        if frame["inlined"]:
            assert start is end is frame["offset"] is None, frame
            continue
        total = sums.setdefault((frame["function"], frame["module"]), [0, None])
        total[0] += 1
        if frame["size"] is not None:
            total[1] = (total[1] or 0) + frame["size"]
    assert sums == {(use["function"], use["module"]): [use["frames"], use["size"]]
                    for use in target["functions"]}
    sizes = [-1 if use["size"] is None else use["size"] for use in target["functions"]]
    assert sizes == sorted(sizes, reverse=True)


def assert_told(process, frames, named=True):
    """Each frame that the program reported is listed, ends at the reported address, and is followed by its caller."""
    ends = {address(frame["end"]): i for i, frame in enumerate(frames) if frame["end"]}
    last = -1
    assert own_frames(process)
    for one in own_frames(process):
        assert one.cfa in ends, one
        i = ends[one.cfa]
        assert i > last, one
        last = i
        assert frames[i]["function"] == (one.function if named else frames[i]["function"]), one
        caller = frames[i + 1]
        assert (address(caller["start"]), address(caller["pc"])) == (one.cfa, one.returns_to), one
