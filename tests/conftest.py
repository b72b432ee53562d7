# SPDX-License-Identifier: MIT
"""Shared by all tests in Python: running memmap, and reporting what is missing.

MEMMAP       the program under test (meson sets it)
MEMMAP_NO_SKIP=1  a missing tool is a failure, not a skip (CI sets it)
"""
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from helpers import leftovers, tools
from helpers.process import LIMIT, Process, wait_until  # for all tests; the benchmark has no pytest

SKIPPED = 77  # the exit status that tells meson that a test was skipped
TESTS = Path(__file__).resolve().parent
ROOT = TESTS.parent
MEMMAP = os.environ.get("MEMMAP", str(ROOT / "build" / "src" / "memmap"))
IS_SANITIZED = b"__asan_init" in Path(MEMMAP).read_bytes() if os.path.exists(MEMMAP) else False


def pytest_sessionstart():
    """No process stays behind, however the tests end."""
    leftovers.end_after_me()


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    """A file whose cases were all skipped has not passed."""
    stats = session.config.pluginmanager.get_plugin("terminalreporter").stats
    if exitstatus == 0 and "skipped" in stats and "passed" not in stats:
        session.exitstatus = SKIPPED


def missing(what):
    """Skip the running test, naming what is missing, with its package in parentheses; if nothing may be skipped,
    fail."""
    if os.environ.get("MEMMAP_NO_SKIP") == "1":
        pytest.fail(f"missing: {what}", pytrace=False)
    pytest.skip(f"missing: {what}")


def refused(what):
    """Skip the running test, naming the right that is missing. Root must have all rights if nothing may be skipped."""
    if os.geteuid() != 0:
        pytest.skip(f"missing: {what}")
    missing(what)


IS_64_BIT = sys.maxsize > 1 << 32


def often(count):
    """How often to run memmap to hit a rare moment. With sanitizers a run takes ten times as long, and what they find
    is not rare: a fifth of the runs is enough."""
    return count // 5 if IS_SANITIZED else count


def need_64_bit(why):
    """Skip a test that makes no sense for 32-bit programs."""
    if not IS_64_BIT:
        pytest.skip(f"needs a 64-bit system: {why}")


def need(*names):
    """The full paths of commands; if one is not installed, skip the test and name the command."""
    paths = [tools.find(name) for name in names]
    for name, path in zip(names, paths):
        if path is None:
            missing(f"{name} ({tools.package_of(name)})")
    return paths[0] if len(paths) == 1 else paths


def memmap(*args, **kwargs):
    """Run memmap; stdout and stderr are bytes unless text=True is passed."""
    kwargs.setdefault("stdout", subprocess.PIPE)
    kwargs.setdefault("stderr", subprocess.PIPE)
    kwargs.setdefault("timeout", LIMIT)
    return subprocess.run([MEMMAP, *map(str, args)], check=False, **kwargs)


def memmap_json(*args, status=0, **kwargs):
    """The document that `memmap --json ARGS` prints; memmap must exit with `status`."""
    run = memmap("--json", *args, **kwargs)
    assert run.returncode == status, run.stderr.decode(errors="replace")
    return json.loads(run.stdout)


sys.path.insert(0, str(TESTS))
