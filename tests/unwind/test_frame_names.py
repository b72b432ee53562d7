# SPDX-License-Identifier: MIT
"""--frames and --at give an address the same name: real programs, and files whose names are hard to find."""
import subprocess

import pytest

from conftest import Process, memmap_json, need, wait_until
from helpers.frames import address
from helpers.kernel import status_of
from helpers.programs import PROGRAMS, build, public_dir, run, with_debugdata, without_sections
from helpers.users import need_memory
from helpers.vocabulary import has_demangle

PYTHON = "import sys; print('READY', flush=True); sorted([1, 2], key=lambda _: sys.stdin.read())"


def same_names(pid):
    """The frames without inlined calls; each must have the name that --at gives its address."""
    need_memory()
    wait_until(lambda: status_of(pid, "State") == "S", f"state S of {pid}")
    target, = memmap_json("--frames", pid)["targets"]
    frames = [frame for frame in target["frames"] if not frame["inlined"]]
    # All PCs but the innermost are return addresses, which may lie after the end of a function.
    calls = [address(frame["pc"]) - (frame["number"] > 0) for frame in frames]
    first = frames[0]["number"]
    calls[0] = address(frames[0]["pc"])
    assert first == 0 or all(frame["inlined"] for frame in target["frames"][:first])
    queries = [word for call in calls for word in ("--at", hex(call))]
    places = memmap_json(*queries, pid)["targets"][0]["at"]
    for frame, call, place in zip(frames, calls, places, strict=True):
        symbol = place["symbol"] or {"name": None, "offset": None}
        assert frame["function"] == symbol["name"], (frame, place)
        if symbol["name"] is not None:
            assert frame["offset"] == symbol["offset"] + address(frame["pc"]) - call, (frame, place)
    return frames


def names(frames):
    return [frame["function"] for frame in frames]


@pytest.mark.parametrize("command", [("sleep", "100"), ("cat",), ("sh", "-c", "read line")], ids="-".join)
def test_commands(command):
    """Programs that do not report when they are ready: wait until they sleep."""
    with subprocess.Popen([need(command[0]), *command[1:]], stdin=subprocess.PIPE) as process:
        try:
            frames = same_names(process.pid)
            assert len(frames) > 2 and all("@" not in name for name in names(frames) if name)
        finally:
            process.kill()


def test_python():
    with Process([need("python3"), "-c", PYTHON]) as process:
        assert len(same_names(process.pid)) > 10


def test_cpp():
    path = public_dir() / "names-frames"
    subprocess.run([need("c++"), "-O1", "-o", path, PROGRAMS / "names.cc"], check=True)
    with Process([path]) as process:
        assert "main" in names(same_names(process.pid))


@pytest.mark.parametrize("variant", [
    ("gcc", "-O1", "-g"), ("gcc", "-O2", "-static"), ("gcc", "-O2", "-s"), ("i686-linux-gnu-gcc", "-O1", "-static")],
    ids="".join)
def test_own(variant):
    with Process([build("calls.c", *variant), "3"]) as process:
        frames = same_names(process.pid)
        assert ("down" in names(frames)) == ("-s" not in variant)


def linked(whole, path):
    debug = path.with_suffix(".debug")
    run(need("objcopy"), "--only-keep-debug", whole, debug)
    run(need("objcopy"), "--strip-all", f"--add-gnu-debuglink={debug}", whole, path)
    return path


SOURCES = {
    "debugdata": lambda whole, path: with_debugdata(whole, path, ["down", "main", "in_input", "_start"]),
    "debuglink": linked,
    "no-sections": without_sections,
}


@pytest.mark.parametrize("source", SOURCES)
def test_names_from_elsewhere(source, tmp_path):
    """Names are found outside .symtab, too; without section headers, only exported functions have names."""
    whole = build("calls.c", "gcc", "-O1", "-rdynamic")
    with Process([SOURCES[source](whole, tmp_path / "program"), "3"]) as process:
        frames = same_names(process.pid)
        assert {"main"} | ({"down"} if source != "no-sections" else set()) <= set(names(frames))


def recurse(directory, name, depth):
    """A running program whose function calls itself."""
    (directory / "source.c").write_text(f"""
#include <unistd.h>
int recurse(volatile int n) __asm__("{name}");
int recurse(volatile int n)
{{
	if (n > 0)
		return recurse(n - 1) + n;
	write(1, "READY\\n", 6);
	return pause();
}}
int main(void) {{ return recurse({depth}); }}
""")
    run(need("gcc"), "-O0", "-o", directory / "program", directory / "source.c")
    return Process([directory / "program"])


def test_long_name(tmp_path):
    """A name may be as long as the file has room for; if many frames have it, all rows together have a bound."""
    need_memory()
    for depth, length, status in ((10, 60000, 0), (2000, 1024, 3)):
        with recurse(tmp_path, "f" * 60000, depth) as process:
            target, = memmap_json("--frames", process.pid, status=status)["targets"]
            assert [note["code"] for note in target["notes"]] == ["names-cut"] * (status == 3)
            assert {len(frame["function"]) for frame in target["frames"][2:depth]} == {length}


@pytest.mark.skipif(not has_demangle(), reason="this build cannot make names readable")
def test_long_demangled_name(tmp_path):
    """A short name may be long when demangled: if many frames have it, it is shown as it is."""
    need_memory()
    name = "_Z1f1aIiiE" + "".join(f"S_IS{i}_S{i}_E" for i in range(8))
    for depth, length in ((10, 8652), (12000, 0)):
        with recurse(tmp_path, name, depth) as process:
            target, = memmap_json("--frames", process.pid)["targets"]
            frame = target["frames"][2]
            assert (frame["function"], len(frame["demangled"] or "")) == (name, length)
