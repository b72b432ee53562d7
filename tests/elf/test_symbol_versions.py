# SPDX-License-Identifier: MIT
"""--at: a version is not part of a symbol's name, and a name means the default version, as for dlsym() and nm."""
import re
import subprocess

import pytest

from conftest import memmap_json, need
from helpers.programs import PROGRAMS, build, public_dir, python


def library(is_stripped):
    path = build("versions.c", "cc", "-shared", "-fPIC", f"-Wl,--version-script={PROGRAMS / 'versions.map'}")
    if is_stripped:
        stripped = public_dir() / "versions-stripped"
        subprocess.run([need("strip"), "-o", stripped, path], check=True)
        return stripped
    return path


def places(process, *queries):
    options = [word for query in queries for word in ("--at", query)]
    return memmap_json(*options, process.pid)["targets"][0]["at"]


@pytest.mark.parametrize("is_stripped", [False, True], ids=["symtab", "dynsym"])
def test_by_name(is_stripped):
    path = library(is_stripped)
    code = (f"library = ctypes.CDLL('{path}')\n"
            "libc.dlvsym.restype = ctypes.c_void_p\nlibc.dlvsym.argtypes = [ctypes.c_void_p] + 2 * [ctypes.c_char_p]\n"
            "result = hex(ctypes.cast(library.answer, ctypes.c_void_p).value)\n"
            "for name, version in (b'answer', b'V1'), (b'answer', b'V2'), (b'ask', b'V1'):\n"
            "    result += ' ' + hex(libc.dlvsym(library._handle, name, version))")
    with python(code) as process:
        found = places(process, *(f"{path.name}:{name}" for name in (
            "answer", "answer@V1", "answer@V2", "ask@V1", "ask", "answer@@V2", "question@@V2", "question@V2")))
        default, old, new, ask = process.line.split()
        assert [place["address"] for place in found] == [default, old, new, ask, ask, default, ask, ask]
        assert all("@" not in place["symbol"]["name"] for place in found)
        # The address of the old name is shown with the new name.
        assert [place["symbol"]["name"] for place in found] == [
            "answer", "answer", "answer", "question", "question", "answer", "question", "question"]


def test_unknown_version():
    with python("ctypes.CDLL('libc.so.6')") as process:
        target, = memmap_json("--at", "libc.so.6:malloc@NONE", process.pid, status=3)["targets"]
        assert [note["code"] for note in target["notes"]] == ["symbol-unknown"]


def test_variables_of_others():
    """A program has a copy of libc's stdout in its own memory, which linkers call stdout@GLIBC_2.2.5 in .symtab."""
    path = build("copied_stdout.c", "cc", "-no-pie")
    text = subprocess.run([need("readelf"), "-sW", path], check=True, capture_output=True, text=True).stdout
    value = re.search(r"([0-9a-f]+) +8 OBJECT .* stdout@", text)
    for query in ("stdout", f"0x{value[1]}"):
        place, = memmap_json("--at", query, path)["targets"][0]["at"]
        assert int(place["address"], 16) == int(value[1], 16)
        assert place["symbol"]["name"] == "stdout"


def test_libc():
    """Each function is where nm finds it, by its name and by its default version, which nm writes with @@.

    Its name is shown without the version.
    """
    with python("") as process:
        libc, = (module["path"] for module in memmap_json("-m", process.pid)["targets"][0]["modules"]
                 if module["path"].endswith("/libc.so.6"))
        text = subprocess.run([need("nm"), "-D", "--defined-only", libc], check=True, capture_output=True,
                              text=True).stdout
        names = re.findall(r"^([0-9a-f]+) [TW] (([^@\n]+)@@\S+)", text, re.M)[:300]
        assert len(names) > 200
        for query in (lambda name: name[2], lambda name: name[1]):
            found = places(process, *(f"libc.so.6:{query(name)}" for name in names))
            for name, place in zip(names, found, strict=True):
                assert int(place["elf_address"], 16) == int(name[0], 16), name
                assert "@" not in place["symbol"]["name"]
