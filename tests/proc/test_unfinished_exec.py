# SPDX-License-Identifier: MIT
"""A process that does not get to the end of execve(2): the kernel lets nobody read or stop it, and memmap
soon gives up."""
import os
import subprocess

import pytest

from conftest import MEMMAP
from helpers.programs import start, unique
from helpers.stuck import GIVEN_UP, stuck
from helpers.users import UNDER_STRACE


def spelled(options):
    return " ".join(options) or "none"


def run(*args):
    # To look for leaks, a sanitizer would trace the threads that memmap has given up, and wait for them.
    return subprocess.run([MEMMAP, *map(str, args)], check=False, capture_output=True, timeout=GIVEN_UP,
                          env=UNDER_STRACE)


@pytest.fixture(name="pids", scope="module")
def fixture_pids(tmp_path_factory):
    with stuck(tmp_path_factory.mktemp("fuse"), "flush") as pids:
        yield pids


@pytest.mark.parametrize("options", [[], ["-J"], ["--stop", "--heap"]], ids=spelled)
def test_is_given_up(pids, options):
    done = run(*options, pids[0])
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert done.stderr.startswith(f"memmap: {pids[0]}: does not answer".encode())


def test_others_are_shown(pids):
    done = run("-s", f"{pids[0]},{os.getpid()}")
    assert done.returncode == 1 and b"does not answer" in done.stderr
    assert f"{os.getpid()}:".encode() in done.stdout


def test_child_is_shown(pids):
    """Whether a forked process shares the memory of its parent cannot be told."""
    done = run(pids[1])
    assert done.returncode == 3 and b"the memory is the parent's" in done.stderr
    assert b"fuse_program" in done.stdout


@pytest.mark.parametrize("options", [[], ["--check"]], ids=spelled)
def test_is_noted_among_all(pids, options):
    done = run("--all", *options)
    assert done.returncode in (3, 4)
    assert str(pids[0]).encode() in done.stderr
    assert b"not answer" in done.stderr


def test_process_is_found_by_name(pids):
    name = unique("named")
    with start("set_comm.c", name) as process:
        done = run("-s", name)
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1)
    assert b"did not answer in time" in done.stderr
    assert f"{process.pid}:".encode() in done.stdout
    done = run("-s", unique("nobody"))
    assert done.returncode == 1 and b"did not answer in time" in done.stderr
    assert pids


@pytest.mark.parametrize("options", [["--frames"], ["--stop", "--heap"]], ids=spelled)
def test_is_not_stopped(tmp_path, options):
    """Before the memory is exchanged it can be read, but a tracer would have to wait."""
    with stuck(tmp_path, "read") as (pid, _):
        done = run(*options, pid)
    assert (done.returncode, done.stderr.count(b"\n")) == (3, 1), done.stderr
    assert b"cannot be stopped" in done.stderr and done.stdout
