# SPDX-License-Identifier: MIT
"""Where the names are that a file does not have in .symtab; against nm, on the same file before it was stripped."""
import re
import subprocess
from pathlib import Path

import pytest

from conftest import memmap_json, need
from helpers import PROGRAMS, public_dir


def addresses(path, *options):
    """{name: address} of functions and variables by nm's word, without versions."""
    text = subprocess.run([need("nm"), "--defined-only", *options, path], check=True, capture_output=True,
                          text=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^([0-9a-f]+) [TWVDBR] ([^@\n]+)(?:@@.*)?$", text, re.M)}


def places(path, *queries):
    options = [word for query in queries for word in ("--at", query)]
    return memmap_json(*options, path)["targets"][0]["at"]


def without_sections(source, path):
    """As sstrip leaves a file: nothing but what the loader reads."""
    data = bytearray(source.read_bytes())
    order = "little" if data[5] == 1 else "big"
    offset, count = ((0x28, 8), 0x3c) if data[4] == 2 else ((0x20, 4), 0x30)
    assert int.from_bytes(data[count:count + 2], order) > 0
    data[offset[0]:sum(offset)] = bytes(offset[1])
    data[count:count + 4] = bytes(4)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


@pytest.mark.parametrize("style", ["sysv", "gnu", "both"])
@pytest.mark.parametrize("compiler", ["gcc", "i686-linux-gnu-gcc"])
def test_without_section_headers(compiler, style):
    whole = public_dir() / f"{compiler}-{style}"
    subprocess.run([need(compiler), "-O1", "-shared", "-fPIC", f"-Wl,--hash-style={style}", "-o", whole,
                    f"-Wl,--version-script={PROGRAMS / 'versions.map'}", PROGRAMS / "versions.c"], check=True)
    path = without_sections(whole, whole.with_suffix(".stripped"))
    wanted = addresses(whole, "-D")
    assert set(wanted) == {"answer", "question"}
    found = places(path, *wanted, "answer@V1", "ask@V1")
    assert [int(place["elf_address"], 16) for place in found[:2]] == list(wanted.values())
    assert [place["symbol"]["name"] for place in found[:2]] == list(wanted)
    assert [place["symbol"]["name"] for place in found[2:]] == ["answer", "question"]


def test_all_of_a_large_library():
    """Each dynamic symbol, by its name and by its address."""
    text = subprocess.run([need("ldd"), need("gdb")], check=True, capture_output=True, text=True).stdout
    library = Path(re.search(r"=> (\S+/libstdc\+\+\.so\.6)", text)[1])
    path = without_sections(library, public_dir() / "large")
    wanted = addresses(library, "-D")
    assert len(wanted) > 500
    names = list(wanted)[:700]
    for name, place in zip(names, places(path, *names), strict=True):
        assert int(place["elf_address"], 16) == wanted[name]
        assert wanted[place["symbol"]["name"]] == wanted[name]
