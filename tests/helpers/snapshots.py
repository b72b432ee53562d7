# SPDX-License-Identifier: MIT
"""Shared by tests of snapshots: writing one, and reading it back."""
import functools
import json

from conftest import memmap, missing


@functools.cache
def need_snapshots():
    """Skip if this build, or this system, has no jansson."""
    run = memmap("-", input=b'{"format": 1, "targets": []}')
    if b"jansson" in run.stderr:
        missing("snapshots, in this build of memmap (libjansson-dev)")


def save(path, *args, **kwargs):
    """Write a snapshot, and return the run, with its exit status and standard error."""
    run = memmap("--json", *args, **kwargs)
    path.write_bytes(run.stdout)
    return run


def edited(document, edit):
    """The text of a document after `edit` has changed a copy of it."""
    copy = json.loads(json.dumps(document))
    edit(copy)
    return json.dumps(copy).encode()
