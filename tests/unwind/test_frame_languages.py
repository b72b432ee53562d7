# SPDX-License-Identifier: MIT
"""Programs in other languages and with another C library: what is shown is right, and what is missing is reported."""
import os
import shutil
import subprocess

from conftest import Process, memmap_json, need
from helpers.frames import assert_told, frames_of, start_calls, valid_target_of
from helpers.kernel import wait_for_state
from helpers.programs import PROGRAMS, build, environment_of_go, public_dir
from helpers.threads import thread_names
from helpers.users import need_memory

MUSL = ("musl-gcc", "-O1", "-g")


def codes(target):
    return [note["code"] for note in target["notes"]]


def names(target):
    return [frame["function"] for frame in target["frames"] if not frame["inlined"]]


def test_musl():
    """musl has no unwind tables: while the program runs its own code, its frames are right, up to main()."""
    with start_calls(5, "loop", variant=MUSL) as process:
        frames = frames_of(process, status=3)
        assert_told(process, frames)
        assert [frame["function"] for frame in frames][:8] == ["in_loop"] + ["down"] * 6 + ["main"]
        assert codes(valid_target_of("--frames", process.pid, status=3)) == ["frames-truncated"]


def test_musl_waiting():
    """The way out of musl's own code is guessed, and memmap says so; no frame there has a wrong name."""
    with start_calls(5, variant=MUSL) as process:
        wait_for_state(process, "S")
        target = valid_target_of("--frames", process.pid, status=3)
        assert target["frames"][0]["function"] is None
        assert "frames-truncated" in codes(target)
        assert ("frames-guessed" in codes(target)) == (len(target["frames"]) > 1)


def test_go():
    need_memory()
    program = public_dir() / "recursion"
    subprocess.run([need("go"), "build", "-o", program, PROGRAMS / "recursion.go"], check=True,
                   env=environment_of_go(CGO_ENABLED="0"))
    # Go interrupts long-running code by a signal, and memmap might see its handler.
    with Process([program], env={**os.environ, "GODEBUG": "asyncpreemptoff=1"}) as process:
        tid = int(process.lines[0])
        target = valid_target_of(f"--frames={tid}", process.pid)
        assert names(target).count("main.down") == 8
        assert names(target)[-1].startswith("runtime.goexit") and codes(target) == []
        down = next(use for use in target["functions"] if use["function"] == "main.down")
        assert down["frames"] == 8 and down["size"] % 8 == 0 and down["size"] > 0


def test_node():
    """Code made at run time is unwound by its frame pointers, and memmap says that this is a guess."""
    need_memory()
    script = "const end = () => { console.log('READY'); for (;;) ; }; end()"
    node = need("node")
    symbols = subprocess.run([need("nm"), node], check=True, capture_output=True, text=True).stdout
    # Debian's node is stripped of the names that no library needs.
    trampoline = "Builtins_InterpreterEntryTrampoline"
    expected = trampoline if f" {trampoline}\n" in symbols else None
    with Process([node, "-e", script]) as process:
        target, = memmap_json("--frames", process.pid)["targets"]
        assert names(target)[-1] == "_start" and names(target).count(expected) > 3
        assert codes(target) == ["frames-guessed"]


def test_java():
    """The main thread of a Java program waits for the thread that runs the program: both have frames to their start."""
    need_memory()
    java = need("java", "javac")[0]
    source = public_dir() / "Waits.java"
    source.write_text('public class Waits { public static void main(String[] a) throws Exception {'
                      ' System.out.println("READY"); System.in.read(); } }')
    subprocess.run([need("javac"), "-d", public_dir(), source], check=True)
    with Process([java, "-cp", public_dir(), "Waits"]) as process:
        target = valid_target_of("--frames", process.pid)
        assert {"JLI_Launch", "__libc_start_main"} <= set(names(target)) and codes(target) == []
        # This thread keeps the program's name; threads that the JVM starts have names of their own.
        tid, = (tid for tid, name in thread_names(process.pid).items() if tid != process.pid and name == "java")
        own = memmap_json(f"--frames={tid}", process.pid)["targets"][0]
        assert own["frames"][-1]["function"] in ("clone", "clone3", "__clone3", "__clone")
        assert codes(own) == ["frames-guessed"]


def test_replaced():
    """If a program's file is replaced, names and unwind tables are still those of the file that runs."""
    path = public_dir() / "replaced"
    shutil.copy(build("calls.c", "gcc", "-O1", "-g"), path)
    with Process([path, "6"]) as process:
        os.unlink(path)
        shutil.copy(build("calls.c", "gcc", "-O0", "-g"), path)
        assert_told(process, frames_of(process))
        os.unlink(path)
        assert_told(process, frames_of(process))
