# SPDX-License-Identifier: MIT
"""A build without libdw refuses the one option that it lacks, and says why."""
from conftest import memmap


def test_refused():
    run = memmap("--frames", "1")
    assert run.returncode == 2
    assert run.stderr.startswith(b"memmap: this build has no --frames: it was made without libdw\n")
