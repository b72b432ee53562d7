# SPDX-License-Identifier: MIT
"""The kernel's code in a process (vdso) has symbols, whether or not the process has ever touched it."""
import os
import re
import subprocess

import pytest

from conftest import Process, memmap_json, missing, need
from helpers.kernel import is_present
from helpers.programs import PROGRAMS, public_dir

COMPILERS = ["gcc", "i686-linux-gnu-gcc"]


def build(compiler):
    if os.uname().machine != "x86_64":
        missing("x86-64")
    path = public_dir() / f"no_libc-{compiler}"
    subprocess.run([need(compiler), "-O1", "-static", "-nostdlib", "-fno-pie", "-no-pie", "-fno-stack-protector",
                    "-o", path, PROGRAMS / "no_libc.c"], check=True)
    return path


def range_of(pid):
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        line, = (line for line in maps if line.endswith("[vdso]\n"))
    return tuple(int(text, 16) for text in line.split()[0].split("-"))


def pages(pid):
    start, end = range_of(pid)
    return [is_present(pid, address) for address in range(start, end, os.sysconf("SC_PAGE_SIZE"))]


def names_of(pid, path):
    """{address as linked: names} according to nm; reading the image touches it."""
    start, end = range_of(pid)
    with open(f"/proc/{pid}/mem", "rb") as memory:
        memory.seek(start)
        path.write_bytes(memory.read(end - start))
    text = subprocess.run([need("nm"), "-D", path], check=True, capture_output=True, text=True).stdout
    names = {}
    for address, name in re.findall(r"^([0-9a-f]+) [TW] ([^@\n]+)", text, re.M):
        names.setdefault(int(address, 16), set()).add(name)
    return names


@pytest.mark.parametrize("compiler", COMPILERS)
def test_untouched(compiler, tmp_path):
    """memmap shows the symbols of an untouched vdso, which stays untouched."""
    with Process([build(compiler)]) as process:
        if any(pages(process.pid)):
            missing("a kernel that leaves the vdso untouched")
        start, _ = range_of(process.pid)
        first, = memmap_json("--at", f"{start:#x}", process.pid)["targets"]
        assert not any(pages(process.pid))
        names = names_of(process.pid, tmp_path / "vdso")
        assert first["modules"][-1]["path"] == "[vdso]" and len(names) > 3
    with Process([build(compiler)]) as process:
        start, _ = range_of(process.pid)
        queries = [word for address in names for word in ("--at", f"{start + address + 1:#x}")]
        target, = memmap_json(*queries, process.pid)["targets"]
        assert not any(pages(process.pid))
        for address, place in zip(names, target["at"], strict=True):
            assert place["symbol"]["name"] in names[address] and place["symbol"]["offset"] == 1
