# SPDX-License-Identifier: MIT
"""Each system call of a view fails in turn: the answer is the same, or memmap reports what is missing, or refuses
the target. Nothing goes missing, or is made up, silently.

Each run tries a few views; with MEMMAP_INJECT=all, all of them with all errors (half an hour).
"""
import collections
import os
import shutil
from concurrent.futures import ThreadPoolExecutor

import pytest

from conftest import IS_SANITIZED, Process, need, need_64_bit
from helpers import injection
from helpers.kernel import wait_for_rest
from helpers.programs import build, start, unique
from helpers.users import need_root

VIEWS = {
    "map": ["--json"],
    "table": [],
    "explain": ["--explain"],
    "extended": ["--json", "-x"],
    "counters": ["--json", "-X"],
    "summary": ["--summary"],
    "modules": ["--json", "--modules"],
    "sections": ["--json", "--sections"],
    "threads": ["--json", "--threads"],
    "pages": ["--json", "--pages", "--kind", "stack,data"],
    "check": ["--json", "--check"],
    "frames": ["--json", "--frames"],
    "at": ["--json", "--at", "main"],
    "files": ["--json", "--output", "+FILE,BUILDID"],
    "name": ["--json"],
    "heap": ["--json", "--heap"],
    "blocks": ["--json", "--blocks"],
    "leaks": ["--json", "--leaks"],
    "leaks stopped": ["--json", "--leaks", "--stop"],
    "elf": ["--json"],
    "elf sections": ["--json", "--sections"],
    "elf at": ["--json", "--at", "main"],
}
# The views, and their errors, that each run tries.
USUAL = {"summary": ("EIO",), "threads": ("EMFILE",), "sections": ("EIO",), "elf": ("EIO", "EMFILE"), "at": ("EMFILE",),
         "heap": ("EIO", "EACCES"), "leaks stopped": ("ENOMEM",)}
IS_WHOLE = os.environ.get("MEMMAP_INJECT") == "all"


@pytest.fixture(name="target", scope="module")
def fixture_target(tmp_path_factory):
    """Processes at rest: one with leaks and several arenas, and another."""
    if IS_SANITIZED:
        pytest.skip("a sanitizer makes calls of its own, which would fail, too")
    need("strace")
    need_root()
    need_64_bit("the numbers of calls are those of a whole run")
    # Another run of the tests at the same time may have a process called two_threads.
    program = shutil.copy(build("two_threads.c"), tmp_path_factory.mktemp("target") / unique("injection"))
    with Process([program]) as process, start("leaks.c", "lists", "threads") as with_heap:
        wait_for_rest(process)
        wait_for_rest(with_heap)
        yield {"heap": with_heap, "other": process}


def target_of(view, processes):
    process = processes["heap" if view.startswith(("heap", "blocks", "leaks")) else "other"]
    program = os.readlink(f"/proc/{process.pid}/exe")
    if view.startswith("elf"):
        return program
    return os.path.basename(program) if view == "name" else process.pid


@pytest.mark.parametrize("view", VIEWS if IS_WHOLE else USUAL)
def test_failing_calls(view, target, tmp_path):
    argv = [*VIEWS[view], target_of(view, target)]
    calls = injection.calls_of(argv, tmp_path / "log")
    whole = injection.answer_of(injection.strace(argv, "-o", os.devnull))
    assert len(calls) > 10
    # One run at a time if they stop threads: another run would find them stopped.
    with ThreadPoolExecutor(1 if view in ("frames", "leaks stopped") else 2) as pool:
        # Text does not show what could not be read, so that it may look made up: JSON has nulls there.
        errors = [error for error in injection.ERRORS if "--json" in argv or error != "EACCES"]
        tried = injection.injections(calls, errors if IS_WHOLE else USUAL[view])
        done = list(pool.map(lambda item: injection.inject(argv, item), tried))
    outcomes = [injection.outcome(run, whole, item) for run, item in zip(done, tried)]
    print(view, dict(collections.Counter(outcomes)))
    wrong = [(*item, outcome, run.stderr.decode(errors="replace"))
             for item, run, outcome in zip(tried, done, outcomes) if not injection.is_allowed(outcome)]
    assert not wrong, wrong[:10]
    assert "refused" in outcomes
