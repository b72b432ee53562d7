# SPDX-License-Identifier: MIT
"""What --check finds."""
import json

from conftest import memmap


def findings(*args, status=None):
    """The findings about the first target, except those about the system's own libraries."""
    run = memmap("--check", "-J", *args)
    assert run.returncode in ({0, 3, 4} if status is None else {status}), run.stderr.decode(errors="replace")
    there = json.loads(run.stdout)["targets"][0]["findings"]
    return [finding for finding in there if not is_of_the_system(finding)]


def is_of_the_system(finding):
    """Whether a finding is about a library of the system: before 2.39, glibc's own libc.so.6 was bound lazily."""
    return finding["code"] == "lazy-binding" and (finding["name"] or "").startswith(("/lib", "/usr/lib"))


def codes(*args):
    """The codes of all findings."""
    return {finding["code"] for finding in findings(*args)}


def found(code, *args):
    """The one finding with that code."""
    one, = [finding for finding in findings(*args) if finding["code"] == code]
    return one
