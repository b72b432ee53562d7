# SPDX-License-Identifier: MIT
"""The program as a file: the same wherever it was built, and hardened like Debian's packages."""
import json
import platform
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from conftest import MEMMAP, ROOT, missing, need

BUILD = Path(MEMMAP).resolve().parent.parent
MARKS = {
    "x86_64": ("-fcf-protection", "x86 feature: IBT, SHSTK"),
    "aarch64": ("-mbranch-protection=standard", "AArch64 feature: BTI, PAC"),
}
FORTIFY = ["-O2", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2", "-Werror"]


def readelf(*args):
    return subprocess.run([need("readelf"), "--wide", *args], check=False, capture_output=True, text=True).stdout


def objects():
    """The object files of this project, without the libraries that are linked in."""
    found = list((BUILD / "src").rglob("*.o"))
    assert len(found) > 10
    return found


@pytest.fixture(name="command", scope="module")
def fixture_command():
    """How the build compiles main.c."""
    commands = json.loads((BUILD / "compile_commands.json").read_text())
    command, = {entry["command"] for entry in commands if entry["output"] == "src/memmap.p/main.c.o"}
    return shlex.split(command)


def need_flags(command, *flags):
    """Skips the test unless the compiler and the C library know these flags."""
    compiler = command[:next(i for i, word in enumerate(command) if word.startswith("-"))]
    done = subprocess.run([*compiler, *flags, "-x", "c", "-c", "-o", "/dev/null", "-"], check=False, text=True,
                          input="#include <stdio.h>\n", capture_output=True)
    if done.returncode != 0:
        missing(f"a compiler that knows {shlex.join(flags)}")


def test_no_path_of_its_build():
    """The program contains no path of its build: debug information has paths from the source root, ./src/main.c."""
    program = Path(MEMMAP).read_bytes()
    assert b"./src/main.c" in program or b".debug_info" not in program
    for root in (ROOT, BUILD):
        found = re.search(rb"(?<![\w.])" + re.escape(bytes(root)) + rb"(?!\w)", program)
        assert not found, program[found.start() - 64:found.end() + 64]


def test_addresses():
    """The program loads at a random address, and everything that the loader has resolved is read-only afterwards."""
    assert re.search(r"Type: +DYN \(Position-Independent Executable", readelf("-h", MEMMAP))
    segments = readelf("-l", MEMMAP)
    assert "GNU_RELRO" in segments
    assert re.search(r"GNU_STACK .* RW +0x", segments)
    assert not re.search(r"LOAD .* RWE", segments)
    assert re.search(r"\(FLAGS_1\).*\bNOW\b.*\bPIE\b", readelf("-d", MEMMAP))


def test_stack_protector(command):
    need_flags(command, "-fstack-protector-strong")
    assert "__stack_chk_fail" in readelf("-s", MEMMAP)


def test_fortified(command):
    """Optimised builds are fortified, except those with sanitizers, which check the same and more."""
    is_optimised = any(re.fullmatch("-O[123sg]", word) for word in command)
    is_fortified = is_optimised and not any(word.startswith("-fsanitize") for word in command)
    assert any(word.startswith("-D_FORTIFY_SOURCE=") for word in command) == is_fortified
    if is_fortified:
        need_flags(command, *FORTIFY)
        checked = {name for path in objects() for name in re.findall(r"\b__(\w+)_chk$", readelf("-s", path), re.M)}
        assert {"snprintf", "vsnprintf"} <= checked


@pytest.mark.skipif(platform.machine() not in MARKS, reason="no marks of protected branches on this machine")
def test_branches(command):
    """Every object has the mark. The program may lack it: a linked library without the mark removes it."""
    flag, mark = MARKS[platform.machine()]
    need_flags(command, flag)
    for path in objects():
        assert re.search(mark, readelf("-n", path)), path
