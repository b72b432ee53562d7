# SPDX-License-Identifier: MIT
"""A refusal is one line: which check failed, and what would help. The reader here is the user nobody."""
import json
import subprocess

import pytest

from conftest import MEMMAP, Process, need
from helpers.documents import assert_error
from helpers.programs import build, public_dir, start, unique
from helpers.users import NOBODY, as_nobody, memmap_as_nobody, need_root, public_memmap, setpriv


@pytest.fixture(autouse=True)
def as_root():
    need_root()


def test_another_users_process():
    with start("two_threads.c") as process:
        assert_error(memmap_as_nobody(process.pid), process.pid, "permission denied", "user (0|root)",
                     "as (that user|root)")


def test_not_dumpable():
    with as_nobody(build("undumpable.c")) as process:
        assert_error(memmap_as_nobody(process.pid), process.pid, "permission denied", "dumpable", "as root")


def test_program_that_its_user_may_not_read():
    """A process whose user may not read its program is not dumpable."""
    program = public_dir() / "secret"
    program.write_bytes(build("two_threads.c").read_bytes())
    program.chmod(0o711)
    with as_nobody(program) as process:
        assert_error(memmap_as_nobody(process.pid), process.pid, "permission denied", "dumpable", "as root")


def test_process_with_capabilities():
    """A process of the reader's user is refused if it has capabilities that the reader lacks."""
    with Process([*setpriv("net_raw"), build("two_threads.c")]) as process:
        assert_error(memmap_as_nobody(process.pid), process.pid, "permission denied", "capabilit", "as root")


def test_root_without_capabilities():
    """Root without capabilities, as in a container, is refused."""
    with start("two_threads.c") as process:
        run = subprocess.run([need("setpriv"), "--bounding-set=-all", "--inh-caps=-all", "--", MEMMAP,
                              str(process.pid)], check=False, capture_output=True)
        assert_error(run, process.pid, "permission denied", "CAP_SYS_PTRACE")


def test_file_of_another_user():
    """CAP_SYS_PTRACE alone is not enough to read files of /proc/PID that only the process's user may read."""
    with start("two_threads.c") as process:
        for capabilities, status in ((["sys_ptrace"], 3), (["sys_ptrace", "dac_read_search"], 0)):
            run = subprocess.run([*setpriv(*capabilities), public_memmap(), "--json", "--pages", "-k", "text,data",
                                  str(process.pid)], check=False, capture_output=True)
            assert run.returncode == status, run.stderr
            target, = json.loads(run.stdout)["targets"]
            if status == 3:
                assert b"cannot read pagemap: permission denied: only its user may" in run.stderr
                assert target["pages"] is None
    # A reader that may not see page frame numbers cannot tell whether a file's page is dirty.
    states = {(page["state"], page["dirty"]) for page in target["pages"]}
    assert ("resident", None) in states and ("resident", False) not in states


def test_own_process():
    """Nothing is refused: no notes, exit status 0, and the ELF files are read."""
    with as_nobody(build("two_threads.c")) as process:
        run = memmap_as_nobody("--raw", "-o", "KIND,BASIS,NAME", process.pid)
        assert (run.returncode, run.stderr) == (0, b"")
        assert f"text segment {build('two_threads.c')}" in run.stdout.decode()


def test_many_of_one_name():
    """Several refused processes of one name are counted in one line; for a single one, memmap says why."""
    name = unique("others")
    with (start("set_comm.c", name) as first, start("set_comm.c", name) as second,
          as_nobody(build("set_comm.c"), name) as own):
        run = memmap_as_nobody("--json", name)
        assert run.returncode == 1
        assert [target["pid"] for target in json.loads(run.stdout)["targets"]] == [own.pid]
        pids = ", ".join(map(str, sorted([first.pid, second.pid])))
        assert run.stderr.decode() == (f"memmap: {name}: 2 of 3 processes may not be read (PIDs {pids}): root may read"
                                       " all, --user shows those of one user\n")
        assert b"--user" not in memmap_as_nobody("--user", "0", name).stderr
        assert memmap_as_nobody("--user", str(NOBODY), name).returncode == 0
        first.child.kill()
        first.child.wait()
        assert b"permission denied: the process belongs to user" in memmap_as_nobody(name).stderr


def test_others_are_shown():
    with as_nobody(build("two_threads.c")) as own, start("two_threads.c") as other:
        run = memmap_as_nobody("--json", own.pid, other.pid)
        assert run.returncode == 1
        assert run.stderr.decode().startswith(f"memmap: {other.pid}: ")
        assert [target["pid"] for target in json.loads(run.stdout)["targets"]] == [own.pid]
