# SPDX-License-Identifier: MIT
"""The tests themselves: what was skipped has not passed."""
import os
import subprocess
import sys

import pytest

from conftest import SKIPPED, TESTS

PASS, SKIP, FAIL = "def test_pass(): pass\n", "def test_skip(): missing('x')\n", "def test_fail(): assert False\n"


def start(directory, text):
    """pytest at work on a file of this text, as it is on those here."""
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
        tests.communicate(timeout=50)
    assert tests.returncode == status

