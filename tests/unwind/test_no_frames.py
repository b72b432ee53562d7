# SPDX-License-Identifier: MIT
"""A build without libdw: its one missing option is refused in so many words."""
from conftest import memmap


def test_refused():
    run = memmap("--frames", "1")
    assert run.returncode == 2
    assert run.stderr.startswith(b"memmap: this build has no --frames: it was made without libdw\n")
