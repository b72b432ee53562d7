# SPDX-License-Identifier: MIT
"""Names that a file does not have in .symtab, compared with those of nm for the file before it was stripped."""
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from conftest import memmap, memmap_json, missing, need
from helpers.documents import check_memory
from helpers.programs import PROGRAMS, public_dir, run, start, with_debugdata, without_sections


def addresses(path, *options):
    """{name: address} of functions and variables according to nm, without versions."""
    text = subprocess.run([need("nm"), "--defined-only", *options, path], check=True, capture_output=True,
                          text=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^([0-9a-f]+) [TWVDBR] ([^@\n]+)(?:@@.*)?$", text, re.M)}


def places(path, *queries):
    options = [word for query in queries for word in ("--at", query)]
    return memmap_json(*options, path)["targets"][0]["at"]


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
    """Dynamic symbols are found by name in a large library without section headers, each at nm's address."""
    text = subprocess.run([need("ldd"), need("gdb")], check=True, capture_output=True, text=True).stdout
    library = Path(re.search(r"=> (\S+/libstdc\+\+\.so\.6)", text)[1])
    path = without_sections(library, public_dir() / "large")
    wanted = addresses(library, "-D")
    assert len(wanted) > 500
    names = list(wanted)[:700]
    for name, place in zip(names, places(path, *names), strict=True):
        assert int(place["elf_address"], 16) == wanted[name]
        assert wanted[place["symbol"]["name"]] == wanted[name]


@pytest.fixture(name="whole", scope="module")
def fixture_whole():
    path = public_dir() / "minidebuginfo"
    run(need("gcc"), "-O1", "-shared", "-fPIC", "-o", path, PROGRAMS / "minidebuginfo.c")
    return path


def with_zeros(whole, directory, size):
    """A library with a .gnu_debugdata section of so many zeros, which take a few kilobytes."""
    path, zeros = with_debugdata(whole, directory / "mini", ["inner"]), directory / "zeros"
    with zeros.open("wb") as file:
        file.truncate(size)
    run(need("xz"), "-0", zeros)
    run(need("objcopy"), f"--update-section=.gnu_debugdata={zeros}.xz", path)
    return path


def compressed_places(path, status=0):
    shown = memmap("--json", "--at", "inner", "--at", "outer", path)
    target, = json.loads(shown.stdout)["targets"]
    codes = [note["code"] for note in target["notes"]]
    if "debugdata-absent" in codes:
        missing("liblzma, in this build of memmap")
    assert shown.returncode == status, shown.stderr
    return [place["symbol"] and place["symbol"]["name"] for place in target["at"]], codes


def test_minidebuginfo(whole, tmp_path):
    """Exported names come from .dynsym, the others from .gnu_debugdata."""
    path = with_debugdata(whole, tmp_path / "mini", ["inner", "outer"])
    assert compressed_places(path) == (["inner", "outer"], [])
    wanted = {name: value for name, value in addresses(whole).items() if name == "outer"}
    assert {name: int(place["elf_address"], 16) for name, place in zip(wanted, places(path, "outer"))} == wanted


@pytest.mark.parametrize("options", [["--format=lzma", "--suffix=.xz"], ["--check=none"], ["-9"]], ids="".join)
def test_formats(whole, tmp_path, options):
    path = with_debugdata(whole, tmp_path / "mini", ["inner"], *options)
    names, codes = compressed_places(path, status=3 if "lzma" in options[0] else 0)
    assert (names, codes) == ([None, "outer"], ["symbol-unknown", "debugdata-damaged"]) if "lzma" in options[0] else (
        ["inner", "outer"], [])


@pytest.mark.parametrize("what", ["cut", "garbage", "inner"])
def test_damaged(whole, tmp_path, what):
    path = with_debugdata(whole, tmp_path / "mini", ["inner"])
    section = path.with_suffix(".mini.xz")
    contents = bytearray(section.read_bytes())
    if what == "cut":
        contents = contents[:len(contents) // 2]
    elif what == "garbage":
        contents[20:40] = bytes(20)
    else:
        path.with_suffix(".text").write_bytes(b"no ELF file")
        run(need("xz"), "-kf", path.with_suffix(".text"))
        contents = path.with_suffix(".text.xz").read_bytes()
    section.write_bytes(contents)
    run(need("objcopy"), f"--update-section=.gnu_debugdata={section}", path)
    names, codes = compressed_places(path, status=3)
    assert names == [None, "outer"]
    assert codes == ["symbol-unknown"] + ["debugdata-damaged"] * (what != "inner")


def test_far_too_large(whole, tmp_path):
    """A few kilobytes that would inflate to 128 megabytes are not inflated: memory use stays low."""
    path = with_zeros(whole, tmp_path, 1 << 27)
    names, codes = compressed_places(path, status=3)
    assert names == [None, "outer"] and "debugdata-large" in codes
    assert check_memory(tmp_path, "--at", "outer", path) == 3


@pytest.mark.parametrize(("n", "is_left_out"), [(4, False), (5, True)])
def test_too_large_together(whole, tmp_path, n, is_left_out):
    """Files that are small enough each may not take gigabytes together."""
    path = with_zeros(whole, tmp_path, 60 << 20)
    libraries = [shutil.copy(path, tmp_path / f"{i}.so") for i in range(n)]
    with start("load_library.c", *libraries) as process:
        target, = json.loads(memmap("--json", "--at", "inner", process.pid).stdout)["targets"]
    notes = [note for note in target["notes"] if note["code"] in ("debugdata-absent", "debugdata-large")]
    if any(note["code"] == "debugdata-absent" for note in notes):
        missing("liblzma, in this build of memmap")
    assert len(notes) == is_left_out and all("of 1 module " in note["text"] for note in notes)


def test_debug_link(whole, tmp_path):
    """Names come from the debug file that .gnu_debuglink names, if it is of the same build."""
    path, debug = tmp_path / "linked", tmp_path / "linked.debug"
    run(need("objcopy"), "--only-keep-debug", whole, debug)
    run(need("objcopy"), "--strip-all", f"--add-gnu-debuglink={debug}", whole, path)
    assert compressed_places(path) == (["inner", "outer"], [])
    (tmp_path / ".debug").mkdir()
    debug.rename(tmp_path / ".debug" / debug.name)
    assert compressed_places(path) == (["inner", "outer"], [])
    run(need("gcc"), "-O2", "-shared", "-fPIC", "-Wl,--build-id=0x0123", "-o", tmp_path / ".debug" / debug.name,
        PROGRAMS / "minidebuginfo.c")
    assert compressed_places(path, status=3) == ([None, "outer"], ["symbol-unknown"])


@pytest.mark.parametrize("what", ["whole", "stripped", "no-sections", "debug-file", "debugdata"])
def test_function_descriptors(tmp_path, what):
    """PowerPC64 ELFv1: the symbol of a function points to where its address is; compared with objdump."""
    arch = "powerpc64le-linux-gnu"
    clang, linker, objdump, objcopy = need("clang", f"{arch}-ld", f"{arch}-objdump", f"{arch}-objcopy")
    whole, path = tmp_path / "whole", tmp_path / what
    run(clang, "--target=powerpc64-linux-gnu", "-ffreestanding", "-fPIC", "-O1", "-c", "-o", tmp_path / "object",
        PROGRAMS / "descriptors.c")
    run(linker, "-melf64ppc", "-shared", "--build-id", "-o", whole, tmp_path / "object")
    code = subprocess.run([objdump, "-d", whole], check=True, capture_output=True, text=True).stdout
    wanted = {name: int(value, 16) for value, name in re.findall(r"^([0-9a-f]+) <\.(inner|outer)>:$", code, re.M)}
    assert set(wanted) == {"inner", "outer"}
    if what == "stripped":
        run(objcopy, "--strip-all", whole, path)
    elif what == "no-sections":
        without_sections(whole, path)
    elif what == "debug-file":
        debug = tmp_path / "whole.debug"
        run(objcopy, "--only-keep-debug", whole, debug)
        run(objcopy, "--strip-all", f"--add-gnu-debuglink={debug}", whole, path)
    elif what == "debugdata":
        run(objcopy, "--only-keep-debug", whole, tmp_path / "debug")
        run(objcopy, "-S", "--keep-symbol=inner", tmp_path / "debug", tmp_path / "mini")
        run(need("xz"), tmp_path / "mini")
        run(objcopy, "--strip-all", f"--add-section=.gnu_debugdata={tmp_path / 'mini.xz'}", whole, path)
        assert compressed_places(path) == (["inner", "outer"], [])
    names = ["outer"] if what in ("stripped", "no-sections") else ["inner", "outer"]
    for name, place in zip(names, places(path, *names), strict=True):
        assert (int(place["elf_address"], 16), place["symbol"]["name"]) == (wanted[name], name)
        within, = places(path, hex(wanted[name] + 4))
        assert (within["symbol"]["name"], within["symbol"]["offset"]) == (name, 4)
