# SPDX-License-Identifier: MIT
"""Targets by name, and by name and user."""
import json
import os
import pwd
import re

import pytest

from conftest import Process, memmap, memmap_json, need
from helpers import injection
from helpers.documents import FIXTURES, assert_error
from helpers.programs import build, public_dir, start, unique
from helpers.users import NOBODY, as_user, need_root

NAME = unique("select")


def pids(*args):
    return [target["pid"] for target in memmap_json(*args)["targets"]]


def test_comm():
    with start("set_comm.c", NAME) as first, start("set_comm.c", NAME) as second:
        assert sorted(pids(NAME)) == sorted([first.pid, second.pid])


def test_basename_of_executable():
    """The name of an executable is found even if it is longer than the fifteen bytes of it that the kernel keeps."""
    program = public_dir() / unique("program-with-a-long-name")
    program.write_bytes(build("set_comm.c").read_bytes())
    program.chmod(0o755)
    with Process([program, "other"]) as process:
        assert pids(program.name) == [process.pid]


def test_part_of_a_name_is_no_name():
    with start("set_comm.c", NAME):
        assert_error(memmap(NAME[1:]), NAME[1:])


def test_unknown_name():
    assert_error(memmap("no-process-has-this-name"), "no-process-has-this-name", "no process")


def test_name_that_was_meant():
    with start("set_comm.c", NAME):
        assert_error(memmap(NAME[:2] + NAME[3:]), NAME[:2] + NAME[3:], f"did you mean '{NAME}'")


@pytest.mark.parametrize("option", [[], ["-p"], ["--pid"]])
def test_pids_with_commas(option):
    with start("set_comm.c", "one") as first, start("set_comm.c", "two") as second:
        assert pids(*option, f"{second.pid},{first.pid}") == [second.pid, first.pid]
        run = memmap(*option, f"{first.pid},4194304", text=True)
        assert (run.returncode, run.stderr.count("\n")) == (1, 1)
        assert run.stderr.startswith(f"memmap: {first.pid},4194304 (4194304): ")


def test_option_comes_before_operands():
    with start("set_comm.c", "one") as first, start("set_comm.c", "two") as second:
        assert pids(second.pid, "-p", first.pid) == [first.pid, second.pid]


def test_name_and_pid():
    with start("set_comm.c", NAME) as named, start("set_comm.c", "other") as numbered:
        assert pids(numbered.pid, NAME) == [numbered.pid, named.pid]


@pytest.mark.parametrize("by_user", [(), ("--user", str(os.geteuid()))], ids=" ".join)
@pytest.mark.parametrize("call", ["getdents64", "newfstatat", "openat", "read"])
@pytest.mark.parametrize(("error", "reason"), [("EIO", b"Input/output error"), ("EACCES", b"Permission denied|may not be read")])
def test_process_that_cannot_be_read(call, by_user, error, reason):
    """Each call of a kind fails in turn: libproc2 then leaves the process out of its list, but memmap says so."""
    need("strace")
    with start("set_comm.c", NAME) as process:
        paths = ["/proc", *(f"/proc/{process.pid}{name}" for name in ("", "/comm", "/stat", "/status"))]
        for number in range(1, 6):
            run = injection.strace(["--json", *by_user, NAME], "-o", os.devnull, *(f"-P{path}" for path in paths),
                                   "-e", f"trace={call}", "-e", f"inject={call}:error={error}:when={number}")
            if run.returncode == 1:
                assert re.search(reason, run.stderr), (number, run.stderr)
            else:
                assert [target["pid"] for target in json.loads(run.stdout)["targets"]] == [process.pid], number


@pytest.mark.parametrize("user", ["nobody", str(pwd.getpwnam("nobody").pw_uid)])
def test_user(user):
    need_root()
    uid = pwd.getpwnam("nobody").pw_uid
    with start("set_comm.c", NAME), as_user(uid, build("set_comm.c"), NAME) as process:
        assert pids("--user", user, NAME) == [process.pid]
        assert pids("-u", user, NAME) == [process.pid]
        assert len(pids(NAME)) == 2


def test_name_in_a_recorded_tree(tmp_path):
    """A name is found in a recorded tree, which libproc2 cannot read."""
    tree = FIXTURES / "heap-label-on-bss"
    assert pids("--procfs", tree, "demo") == pids("--procfs", tree, "--user", "root", "demo") == [4242]
    assert_error(memmap("--procfs", tree, "--user", str(NOBODY), "demo"), "demo", "no process of that name and user$")
    assert_error(memmap("--procfs", tmp_path / "none", "demo"), "demo",
                 f"cannot open {tmp_path}/none: No such file or directory$")


def test_user_without_such_a_process():
    need_root()
    with start("set_comm.c", NAME):
        assert_error(memmap("--user", str(NOBODY), NAME), NAME)


@pytest.mark.parametrize("view", [(), ("-S",), ("--heap",)])
def test_all_of_a_user_without_processes(view):
    run = memmap("--all", "--user", str(2**32 - 2), *view, text=True)
    assert (run.returncode, run.stderr) == (0, "memmap: --all: no process of that user\n")


def test_unknown_user():
    run = memmap("--user", "no-such-user", "memmap")
    assert run.returncode == 2
    assert run.stdout == b""
    assert run.stderr.startswith(b"memmap: ") and b"no-such-user" in run.stderr


def test_several_names_one_unknown():
    with start("set_comm.c", NAME) as process:
        run = memmap(NAME, "no-process-has-this-name")
        assert run.returncode == 1
        assert run.stdout.startswith(str(process.pid).encode())
        assert run.stderr.startswith(b"memmap: no-process-has-this-name: ")
