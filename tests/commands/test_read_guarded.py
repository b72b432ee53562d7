# SPDX-License-Identifier: MIT
"""A process that makes memmap wait while it is being read: memmap gives it up, and goes on with the others."""
import collections
import contextlib
import json
import os
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import MEMMAP, need
from helpers.preload import preloaded
from helpers.process import wait_until
from helpers.programs import build, start
from helpers.stuck import GIVEN_UP, stuck
from helpers.users import UNDER_STRACE, need_root

FIRST, OTHER = "{stuck[0]}", "{other}"
SEVERAL = [8, 8, 4, 2]  # seconds for each of several that are stuck: together about the twenty of a run

# What memmap is asked; is_closed: nobody reads what it prints.
Case = collections.namedtuple("Case", "options targets is_closed", defaults=[False])
CASES = {
    "smaps": Case(["-x"], [FIRST]),
    "json": Case(["-J"], [FIRST]),
    "heap": Case(["--heap"], [FIRST]),
    "watch": Case(["--watch"], [FIRST]),
    "diff": Case(["--diff"], [FIRST, OTHER]),
    "list": Case(["-J"], [",".join([*("{stuck[%d]}" % number for number in range(len(SEVERAL))), OTHER])]),
    "operands": Case(["-J"], [FIRST, OTHER]),
    "file": Case(["--output-file", "{directory}/kept"], [FIRST]),
    "closed": Case(["--bytes"], [FIRST] + 100 * [OTHER], True),
}
GIVEN_UP_AFTER = "the kernel has not let memmap go on reading it for %d s"
Outcome = collections.namedtuple("Outcome", "pids directory status output errors")


@contextlib.contextmanager
def held_up(log, *args):
    """memmap, which waits for a second before it opens the map of a process: each of its threads, once."""
    hold = ["-P", "maps", "-P", "smaps", "-e", "trace=openat", "-e", "inject=openat:delay_enter=1000000:when=1"]
    with subprocess.Popen([need("strace"), "-f", "-qq", "-o", log, *hold, "--", MEMMAP, *args], env=UNDER_STRACE,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE) as traced:
        try:
            yield traced
        finally:
            traced.kill()


def n_opened(log):
    """How many maps memmap has begun to open. That of a process that is stuck by then is the last of its thread."""
    return log.read_text().count('maps"') if log.exists() else 0


def outcome(directory, case):
    """What becomes of a case, if processes get stuck after memmap has looked whether they are."""
    with contextlib.ExitStack() as stack:
        pids = []
        for number in range(str(case.targets).count("{stuck")):
            place = directory / str(number)
            place.mkdir()
            pids.append(stack.enter_context(stuck(place, "late"))[0])
        other = stack.enter_context(start("set_comm.c", "other")).pid
        (directory / "kept").write_text("old")
        args = [word.format(stuck=pids, other=other, directory=directory) for word in [*case.options, *case.targets]]
        traced = stack.enter_context(held_up(directory / "log", *args))
        if case.is_closed:
            traced.stdout.close()
        for number, pid in enumerate(pids):
            wait_until(lambda number=number: traced.poll() is not None or n_opened(directory / "log") > number,
                       "memmap opens another map")
            os.kill(pid, signal.SIGUSR1)
        output, errors = (None, traced.stderr.read()) if case.is_closed else traced.communicate(timeout=GIVEN_UP)
        traced.wait()
    return Outcome([*pids, other], directory, traced.returncode, output, errors.decode())


@pytest.fixture(name="outcomes", scope="module")
def fixture_outcomes(tmp_path_factory):
    """Of all cases at once, since each waits for long."""
    need_root()
    need("strace")
    for source, *flags in ("fuse_program.c",), ("two_threads.c", "cc", "-static"), ("set_comm.c",):
        build(source, *flags)
    directories = {name: tmp_path_factory.mktemp(name) for name in CASES}
    with ThreadPoolExecutor(len(CASES)) as pool:
        started = {name: pool.submit(outcome, directories[name], case) for name, case in CASES.items()}
    return {name: future.result() for name, future in started.items()}


@pytest.mark.parametrize("case", ["smaps", "heap", "watch", "diff"])
def test_is_given_up(outcomes, case):
    done = outcomes[case]
    assert (done.status, done.output, done.errors.count("\n")) == (1, b"", 1)
    assert done.errors.startswith(f"memmap: {done.pids[0]}: does not answer")


def test_json_is_whole(outcomes):
    assert outcomes["json"].status == 1 and json.loads(outcomes["json"].output)["targets"] == []


@pytest.mark.parametrize("case, seconds", [("list", SEVERAL), ("operands", [8])], ids=["list", "operands"])
def test_others_are_shown(outcomes, case, seconds):
    *stuck_pids, other = outcomes[case].pids
    lines = outcomes[case].errors.splitlines()
    assert outcomes[case].status == 1 and len(lines) == len(stuck_pids)
    for pid, line, limit in zip(stuck_pids, lines, seconds):
        assert str(pid) in line and line.endswith(f"does not answer: {GIVEN_UP_AFTER % limit}")
    shown, = json.loads(outcomes[case].output)["targets"]
    assert shown["pid"] == other and shown["regions"]


def test_no_file_is_replaced(outcomes):
    done = outcomes["file"]
    assert done.status == 1 and (done.directory / "kept").read_text() == "old"
    assert sorted(os.listdir(done.directory)) == ["0", "kept", "log"]


def test_who_goes_on_ends_with_the_pipe(outcomes):
    """SIGPIPE ends memmap, as if the same thread had gone on."""
    assert outcomes["closed"].status == -signal.SIGPIPE


def test_name_service_may_take_longer():
    """That is not the fault of the process."""
    need_root()
    library = build("slow_names.c", "gcc", "-shared", "-fPIC")
    uid = 50000 + os.getpid() % 10000
    with start("set_comm.c", "owned", user=uid) as process:
        begin = time.monotonic()
        done = subprocess.run([MEMMAP, "-s", str(process.pid)], check=False, capture_output=True,
                              env={**os.environ, **preloaded(library)})
        took = time.monotonic() - begin
    assert (done.returncode, done.stderr) == (0, b"") and f"({uid})".encode() in done.stdout
    assert took > 11  # or the name was not asked for
