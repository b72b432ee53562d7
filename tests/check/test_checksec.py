# SPDX-License-Identifier: MIT
"""memmap agrees with checksec about the files that both judge, or differs for a known reason."""
import json
import subprocess

import pytest

from conftest import need
from helpers.findings import codes
from helpers.programs import build

HARD = ("-fPIE", "-pie", "-Wl,-z,relro,-z,now")
VARIANTS = {
    "hard": HARD,
    "no-pie": ("-fno-pie", "-no-pie", "-Wl,-z,relro,-z,now"),
    "no-relro": ("-fPIE", "-pie", "-Wl,-z,norelro,-z,now"),
    "lazy": ("-fPIE", "-pie", "-Wl,-z,relro,-z,lazy"),
    "stack": (*HARD, "-Wl,-z,execstack"),
    "static": ("-static", "-fno-pie", "-no-pie"),
}


def verdicts_of_checksec(path):
    """checksec's verdicts, in memmap's codes."""
    run = subprocess.run([need("checksec"), "--format=json", f"--file={path}"], check=True,
                         capture_output=True, text=True)
    verdict, = json.loads(run.stdout).values()
    there = {"no-relro": verdict["relro"] == "no", "lazy-binding": verdict["relro"] == "partial",
             "executable-stack": verdict["nx"] == "no", "no-pie": verdict["pie"] == "no"}
    return {code for code, is_there in there.items() if is_there}


# What only one of the two reports, and why.
DIFFERENCES = {
    # PT_GNU_RELRO without BIND_NOW is "partial" to checksec; but a program that loads nothing binds nothing.
    "static": {"lazy-binding"},
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_same_verdict(variant):
    path = build("faults.c", "gcc", *VARIANTS[variant])
    both = {"no-relro", "lazy-binding", "executable-stack", "no-pie"}
    assert (codes(path) & both) ^ verdicts_of_checksec(path) == DIFFERENCES.get(variant, set())
