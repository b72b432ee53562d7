# SPDX-License-Identifier: MIT
"""Faults that are linked into a program: found in the file, and in the process if it has them, too."""
import pytest

from helpers.findings import codes, found
from helpers.programs import build, start

HARD = ("-fPIE", "-pie", "-Wl,-z,relro,-z,now")
COMPILERS = pytest.mark.parametrize("compiler", ["gcc", "clang", "musl-gcc"])
FAULTS = {
    "no-pie": ("-fno-pie", "-no-pie", "-Wl,-z,relro,-z,now"),
    "no-relro": ("-fPIE", "-pie", "-Wl,-z,norelro,-z,now"),
    "lazy-binding": ("-fPIE", "-pie", "-Wl,-z,relro,-z,lazy"),
    "executable-stack": (*HARD, "-Wl,-z,execstack"),
    "text-relocations": (*HARD, "-DTEXT_RELOCATION", "-Wl,-z,notext"),
}


@COMPILERS
def test_faultless(compiler):
    assert codes(build("faults.c", compiler, *HARD)) == set()


@COMPILERS
@pytest.mark.parametrize("fault", FAULTS)
def test_linked_fault(compiler, fault):
    program = build("faults.c", compiler, *FAULTS[fault])
    assert codes(program) == {fault}
    if (compiler, fault) == ("musl-gcc", "text-relocations"):
        return  # musl's loader does not support them
    with start("faults.c", variant=(compiler, *FAULTS[fault])) as process:
        assert codes(process.pid) == {fault}


def test_static_program_without_protection():
    """In static programs at a fixed address, musl never protects RELRO: nothing has made it writable again."""
    with start("faults.c", variant=("musl-gcc", "-static", "-no-pie", "-Wl,-z,relro")) as process:
        finding = found("relro-writable", process.pid)
    assert finding["severity"] == "warning" and "Link it dynamically" in finding["cure"]


@pytest.mark.parametrize("compiler", ["gcc", "clang"])
def test_code_and_data_in_one_segment(compiler):
    """ld -N makes one segment, all of it writable and executable, which is found."""
    program = build("no_libc.c", compiler, "-static", "-nostdlib", "-Wl,-N")
    finding = found("writable-code", program)
    assert finding["name"] == str(program) and "x" in finding["region"]["perms"]
