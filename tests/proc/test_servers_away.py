# SPDX-License-Identifier: MIT
"""A program on a file system whose server does not answer: memmap soon gives up waiting, and does without the file."""
import contextlib
import os
import signal
import subprocess
import time

import pytest

from conftest import MEMMAP, Process, missing, need
from helpers.programs import build
from helpers.users import need_root

PATIENCE = 2  # seconds that memmap waits for a process's files, in all
GIVEN_UP = 60  # seconds: by then memmap has not given up
MARGIN = 20  # for a busy machine; without a time limit memmap would wait forever

# Options that need only the map; and options that need the file, and report that the server did not answer.
AT_ONCE = [[], ["-x"], ["-s"], ["-t"], ["-o", "+RSS"], ["-e"]]
IN_VAIN = [["-S"], ["-J"], ["--output-all"], ["-m"], ["--at", "main"]]


def spelled(options):
    return " ".join(options) or "none"


@contextlib.contextmanager
def away(directory, program, *options):
    """A process whose program is on a file system with a stopped server."""
    need_root()
    if not os.path.exists("/dev/fuse"):
        missing("/dev/fuse")
    with Process([build("fuse_program.c"), directory, program, *options]) as process:
        server = int(process.lines[0])
        os.kill(server, signal.SIGSTOP)
        try:
            yield process
        finally:
            os.kill(server, signal.SIGKILL)


@pytest.fixture(name="process", scope="module")
def fixture_process(tmp_path_factory):
    with away(tmp_path_factory.mktemp("fuse"), build("two_threads.c", "cc", "-static")) as process:
        yield process


def run(process, *options):
    """Runs memmap in the mount namespace of the process; returns the run, and how long it took."""
    enter = [need("nsenter"), f"--mount=/proc/{process.pid}/ns/mnt"]
    begin = time.monotonic()
    done = subprocess.run([*enter, MEMMAP, *options, str(process.pid)], check=False, capture_output=True, timeout=GIVEN_UP)
    return done, time.monotonic() - begin


@pytest.mark.parametrize("options", AT_ONCE, ids=spelled)
def test_map_needs_no_server(process, options):
    done, _ = run(process, *options)
    assert done.returncode in (0, 3), done.stderr
    assert b"did not answer" not in done.stderr
    assert done.stdout


@pytest.mark.parametrize("options", IN_VAIN, ids=spelled)
def test_file_of_a_server_is_not_waited_for(process, options):
    done, took = run(process, *options)
    assert done.returncode == 3, done.stderr
    assert b"did not answer" in done.stderr
    assert took < PATIENCE + MARGIN


def test_file_of_a_server_that_answers(tmp_path):
    program = build("two_threads.c", "cc", "-static")
    with away(tmp_path, program) as process:
        os.kill(int(process.lines[0]), signal.SIGCONT)
        done, _ = run(process, "-S")
        assert (done.returncode, done.stderr) == (0, b"")
        assert b".rodata" in done.stdout


def test_directory_of_a_server(tmp_path):
    """A local program, mounted over a file of such a file system: the owner and mode of its directory."""
    mounted, program = tmp_path / "mounted", build("two_threads.c", "cc", "-static")
    mounted.mkdir()
    with away(mounted, program, "names") as other:
        server, enter = int(other.lines[0]), [need("nsenter"), f"--mount=/proc/{other.pid}/ns/mnt"]
        os.kill(server, signal.SIGCONT)
        subprocess.run([*enter, need("mount"), "--bind", program, mounted / "program"], check=True)
        with Process([*enter, mounted / "program"]) as process:
            os.kill(server, signal.SIGSTOP)
            try:
                done, took = run(process, "--check")
            finally:
                os.kill(server, signal.SIGKILL)
    assert done.returncode in (0, 3, 4), done.stderr
    assert took < PATIENCE + MARGIN


@pytest.mark.parametrize("options", [["--at", "main"], ["--frames"]], ids=spelled)
def test_debug_file_of_a_server(tmp_path, options):
    """The debug file of a local program is a link to a file whose name the kernel has cached."""
    mounted, folder = tmp_path / "mounted", tmp_path / "local"
    mounted.mkdir()
    folder.mkdir()
    whole = build("two_threads.c", "cc", "-static", "-g", "-Wl,--build-id")
    debug = folder / "debug"
    debug.write_bytes(whole.read_bytes())
    subprocess.run([need("objcopy"), "--strip-all", f"--add-gnu-debuglink={debug}", whole, folder / "program"], check=True)
    debug.unlink()
    debug.symlink_to(mounted / "program")
    with away(mounted, whole, "names") as other:
        server, enter = int(other.lines[0]), [need("nsenter"), f"--mount=/proc/{other.pid}/ns/mnt"]
        with Process([*enter, folder / "program"]) as process:
            os.kill(server, signal.SIGCONT)
            subprocess.run([*enter, "stat", debug.resolve()], check=True, stdout=subprocess.DEVNULL)
            os.kill(server, signal.SIGSTOP)
            try:
                done, took = run(process, *options)
            finally:
                os.kill(server, signal.SIGKILL)
    assert done.returncode == 3 and b"Object is remote" in done.stderr, done.stderr
    assert took < PATIENCE + MARGIN
