# SPDX-License-Identifier: MIT
"""The tests themselves: a skipped test has not passed, and the processes that tests start end with them."""
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from conftest import LIMIT, SKIPPED, TESTS
from helpers.kernel import state_of

PASS, SKIP, FAIL = "def test_pass(): pass\n", "def test_skip(): missing('x')\n", "def test_fail(): assert False\n"


def start(directory, text):
    """Runs pytest on a file with this text, as it runs on the files here."""
    path = directory / "test_inner.py"
    path.write_text(f"from conftest import missing\n{text}")
    environment = {key: value for key, value in os.environ.items() if key != "MEMMAP_NO_SKIP"}
    argv = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "-p", "conftest", path]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, text=True,
                            env={**environment, "PYTHONPATH": str(TESTS)})


@pytest.mark.parametrize(("text", "status"), [
    (PASS, 0), (SKIP, SKIPPED), (PASS + SKIP, 0), (SKIP + FAIL, 1), (FAIL, 1), ("", 5),
    ("import pytest\n@pytest.fixture\ndef broken(): assert False\ndef test_error(broken): pass\n" + SKIP, 1)])
def test_status(tmp_path, text, status):
    with start(tmp_path, text) as tests:
        tests.communicate(timeout=LIMIT)
    assert tests.returncode == status


def test_list_of_skips(tmp_path):
    """The list counts cases by what is missing, and names each package that has it once."""
    log = tmp_path / "meson-logs" / "testlog.json"
    log.parent.mkdir()
    outputs = ["..\nSKIPPED [2] a/test_b.py:7: missing: go (golang-go)\nSKIPPED [1] c.py:1: missing: root\n",
               "SKIPPED [3] d.py:30: missing: go (golang-go)\n", "...\n3 passed\n"]
    # As meson 1.0 writes it: the suite is part of the name, and a test that prints nothing has no output.
    entries = [{"name": "memmap:cli / at", "stdout": text} for text in outputs]
    entries.append({"name": "memmap:unit / unit-text", "result": "OK"})
    log.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    shown = subprocess.run([sys.executable, TESTS / "skipped.py", tmp_path], check=True, capture_output=True,
                           text=True).stdout
    assert shown.splitlines() == ["Skipped, for want of:", "     5  go (golang-go)", "     1  root",
                                  "Packages that bring it: golang-go"]


def is_there(pid):
    try:
        return state_of(f"/proc/{pid}") not in "ZX"
    except (FileNotFoundError, ProcessLookupError):  # the latter if it ends after the file was opened
        return False


# A child that ignores signals, in a new session; and one that is stopped.
STUBBORN = """
import subprocess
def test_children():
    ignores = subprocess.Popen(["sh", "-c", "trap '' INT TERM HUP; echo $$; exec sleep 1000"],
                               start_new_session=True)
    stopped = subprocess.Popen(["sh", "-c", "echo $$; kill -STOP $$"])
    ignores.wait()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_killed(tmp_path, number):
    with start(tmp_path, STUBBORN) as tests:
        children = [int(tests.stdout.readline().strip(".\n")) for _ in range(2)]
        assert all(map(is_there, children))
        tests.send_signal(number)
        tests.wait(LIMIT)
        for _ in range(LIMIT * 20):
            if not any(map(is_there, children)):
                return
            time.sleep(0.05)
    raise AssertionError(f"{children} are still there")
