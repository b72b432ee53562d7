# SPDX-License-Identifier: MIT
"""Mapped files that are deleted, replaced or overwritten while they are mapped."""
import json
import os
import shutil
import stat
import tempfile
from pathlib import Path

import pytest

from conftest import Process, memmap, memmap_json, missing
from helpers.documents import assert_covers, raw_rows, regions_of, target_of
from helpers.kernel import mappings_of
from helpers.programs import build, public_dir
from helpers.readelf import elf_of, symbols_of
from helpers.users import as_nobody, memmap_as_nobody, need_root


def shapes(regions):
    return [(region["kind"], region["size"], region["padding"], region["basis"]) for region in regions]


def other_library():
    """The same source in another layout."""
    return build("library.c", "cc", "-shared", "-fPIC", "-Wl,-z,noseparate-code")


@pytest.fixture
def program(tmp_path):
    return shutil.copy(build("load_library.c"), tmp_path / "program")


@pytest.fixture
def library(tmp_path):
    return shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), tmp_path / "library.so")


@pytest.fixture
def process(program, library):
    with Process([program, library]) as process:
        yield process


@pytest.mark.parametrize("which", ["program", "library"])
def test_deleted(process, which, request):
    """The regions of a deleted file stay as they were: it exists as long as it is mapped."""
    path = request.getfixturevalue(which)
    before = regions_of(target_of(process.pid), path)
    assert [region["file"] for region in before] == ["ok"] * len(before)
    os.unlink(path)
    target = target_of(process.pid)
    assert_covers(target, mappings_of(process.pid))
    after = regions_of(target, path)
    assert shapes(after) == shapes(before)
    assert {region["file"] for region in after} == {"deleted"}


@pytest.mark.parametrize("which", ["program", "library"])
def test_replaced(process, which, request):
    """The regions of a file replaced as by a package upgrade stay as they were: the new file is not used."""
    path = request.getfixturevalue(which)
    before = regions_of(target_of(process.pid), path)
    os.rename(shutil.copy(other_library(), f"{path}.new"), path)
    target = target_of(process.pid)
    assert_covers(target, mappings_of(process.pid))
    after = regions_of(target, path)
    assert shapes(after) == shapes(before)
    assert {region["file"] for region in after} == {"replaced"}


def text_of(process, library, original):
    """The address of the library's function, from the kernel's map and readelf, and its size."""
    begin = min(begin for begin, _, _, name in mappings_of(process.pid) if name.decode() == str(library))
    symbol, = (symbol for symbol in symbols_of(original) if symbol.name == "library_text")
    return begin + symbol.value, symbol.end - symbol.value


@pytest.mark.parametrize("replacement", [None, other_library], ids=["deleted", "replaced"])
def test_symbols(process, library, replacement):
    """Symbols are those of the mapped file, which only root can still open (see test_symbols_without_rights())."""
    need_root()
    original = build("library.c", "cc", "-shared", "-fPIC")
    address, size = text_of(process, library, original)
    os.unlink(library)
    if replacement:
        shutil.copy(replacement(), library)
        assert text_of(process, f"{library} (deleted)", replacement())[0] != address
    target = target_of("--at", hex(address), "--at", "library.so:library_text", process.pid)
    by_address, by_name = target["at"]
    assert by_name["address"] == by_address["address"] == hex(address)
    symbol = {"name": "library_text", "demangled": None, "offset": 0, "size": size}
    assert by_address["symbol"] == by_name["symbol"] == symbol


def test_replaced_by_an_equal_copy(process, library):
    """A file replaced by an equal copy is still replaced: FILE describes the mapped one."""
    os.rename(shutil.copy(library, f"{library}.new"), library)
    assert {region["file"] for region in regions_of(target_of(process.pid), library)} == {"replaced"}


CONTENTS = {
    "empty": b"",
    "text": b"garbage\n" * 10_000,
    "zeroes": b"\x7fELF" + bytes(60),
    "ones": b"\x7fELF" + b"\xff" * 5000,
    "another ELF file": None,
}


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_overwritten_in_place(process, library, content):
    """A file overwritten in place no longer tells what is mapped: memmap says so, and loses no region."""
    library.write_bytes(build("kinds.c", "cc", "-static").read_bytes() if content is None else content)
    target, = memmap_json(process.pid, status=3)["targets"]
    assert "module-lost" in [note["code"] for note in target["notes"]]
    assert_covers(target, mappings_of(process.pid))
    regions = regions_of(target, library)
    assert len(regions) == len([name for *_, name in mappings_of(process.pid) if name == bytes(library)])
    assert {region["basis"] for region in regions} == {"perms"}
    assert {region["file"] for region in regions} == {"ok"}


def test_code_of_another_format(process, library):
    """Code in another format, as wine maps it, is text: memmap does not report a lost ELF file."""
    library.write_bytes(b"MZ".ljust(80_000))
    target, = memmap_json(process.pid)["targets"]
    assert [region["kind"] for region in regions_of(target, library) if "x" in region["perms"]] == ["text"]


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS.keys())
def test_overwritten_in_place_on_tmpfs(program, content):
    """tmpfs has the major number 0, like overlayfs, where one inode may be two files: its file is still ok."""
    if os.statvfs("/dev/shm").f_flag & os.ST_NOEXEC:
        missing("a /dev/shm from which code may be mapped")
    with tempfile.TemporaryDirectory(dir="/dev/shm") as directory:
        library = Path(shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), directory))
        with Process([program, library]) as process:
            library.write_bytes(build("kinds.c", "cc", "-static").read_bytes() if content is None else content)
            target, = json.loads(memmap("--json", process.pid).stdout)["targets"]
            regions = regions_of(target, library)
            assert {(region["basis"], region["file"]) for region in regions} == {("name", "ok")}


def special_file(path, what):
    if what == "fifo":
        os.mkfifo(path)
    elif what == "directory":
        os.mkdir(path)
    elif what == "loop":
        os.symlink(path, path)
    else:
        need_root()
        os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(5, 1))


@pytest.mark.parametrize("what", ["fifo", "directory", "loop", "device"])
def test_replaced_by_something_that_is_no_file(process, library, what):
    """A special file at the path is not opened: that could wait forever, or act on a device."""
    before = regions_of(target_of(process.pid), library)
    os.unlink(library)
    special_file(library, what)
    after = regions_of(target_of(process.pid), library)
    assert shapes(after) == shapes(before)
    # A link that leads to itself leads nowhere: the file is gone, and nothing has taken its place.
    assert {region["file"] for region in after} == {"deleted" if what == "loop" else "replaced"}


@pytest.mark.parametrize("what", ["nothing", "fifo", "device", "other library"])
def test_without_rights(tmp_path, what):
    """A reader that may not open files through map_files gets the headers from the process's memory."""
    need_root()
    library = shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), public_dir() / f"{what}.so")
    with as_nobody(build("load_library.c"), library) as process:
        before = regions_of(target_of(process.pid), library)
        os.unlink(library)
        if what == "other library":
            shutil.copy(other_library(), library)
        elif what != "nothing":
            special_file(library, what)
        path = str(library).replace(" ", r"\x20")
        columns = "KIND,SIZE,PADDING,BASIS,FILE,NAME"
        run = memmap_as_nobody("--raw", "--noheadings", "--bytes", "-o", columns, process.pid)
        assert run.returncode == 0, run.stderr
        rows = [row for row in raw_rows(run.stdout) if row[4] != "-" and path in row[5]]
        assert [(row[0], int(row[1]), int(row[2]), row[3]) for row in rows] == shapes(before)
        assert {row[4] for row in rows} == {"deleted" if what == "nothing" else "replaced"}


@pytest.mark.parametrize("is_replaced", [True, False], ids=["replaced", "deleted"])
def test_symbols_without_rights(is_replaced):
    """Symbols are missing if only the process's memory is left: it has none, and another file's are not used."""
    need_root()
    original = build("library.c", "cc", "-shared", "-fPIC")
    library = shutil.copy(original, public_dir() / f"symbols-{is_replaced}.so")
    with as_nobody(build("load_library.c"), library) as process:
        address, _ = text_of(process, library, original)
        query = ["-r", "-n", "-o", "KIND,SYMBOL", "--at", hex(address), process.pid]
        assert raw_rows(memmap_as_nobody(*query).stdout) == [["text", "library_text"]]
        os.unlink(library)
        if is_replaced:
            shutil.copy(other_library(), library)
        run = memmap_as_nobody(*query)
        assert (run.returncode, raw_rows(run.stdout)) == (3, [["text", "-"]]), run.stderr
        assert b"details from its sections and symbols are missing" in run.stderr


def test_symbols_of_the_program_without_rights():
    """/proc/PID/exe leads to the program, even a deleted one, for any reader that may read the process."""
    need_root()
    original = build("load_library.c")
    program = shutil.copy(original, public_dir() / "deleted-program")
    main, = (symbol for symbol in symbols_of(original) if symbol.name == "main")
    with as_nobody(program) as process:
        os.unlink(program)
        run = memmap_as_nobody("-r", "-n", "-o", "KIND,SYMBOL,SECTION", "--at", "main", process.pid)
        assert (run.returncode, run.stderr) == (0, b"")
        assert raw_rows(run.stdout) == [["text", "main", ".text"]]
        target, = json.loads(memmap_as_nobody("--json", "--at", "main", process.pid).stdout)["targets"]
        place, = target["at"]
        assert (int(place["elf_address"], 16), place["region"]["file"]) == (main.value, "deleted")


def test_file_that_is_not_elf_without_rights():
    """The file's first page, in memory, shows that it has no ELF headers: memmap does not report any as missing."""
    need_root()
    path = public_dir() / "text"
    path.write_bytes(b"not an ELF file\n" * 512)
    with as_nobody(build("hold_files.c"), "-x", path) as process:
        path.unlink()
        run = memmap_as_nobody("--json", process.pid)
        assert (run.returncode, run.stderr) == (0, b"")
        target, = json.loads(run.stdout)["targets"]
        assert target["notes"] == []
        assert [(region["kind"], region["file"]) for region in regions_of(target, path)] == [("text", "deleted")]


def test_one_segment_without_rights():
    """Only sections tell code and constants in one segment apart: memory has none, and memmap says so."""
    need_root()
    library = shutil.copy(other_library(), public_dir() / "one-segment.so")
    with as_nobody(build("load_library.c"), library) as process:
        query = ["-r", "-n", "-o", "KIND", "--name", "one-segment*", process.pid]
        whole = memmap_as_nobody(*query)
        os.unlink(library)
        run = memmap_as_nobody(*query)
        assert (whole.returncode, run.returncode) == (0, 3) and b"1 mapped file could not be read" in run.stderr
        assert b"rodata" in whole.stdout and b"text" in run.stdout and b"rodata" not in run.stdout


def test_program_in_a_memfd():
    """A program in a memfd is a module, though it has no path."""
    program = build("two_threads.c", "cc", "-static")
    with Process([build("memfd_exec.c"), program]) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        module, = (module for module in target["modules"] if module["path"] == "/memfd:program (deleted)")
        regions = [region for region in target["regions"] if region["name"] == module["path"]]
        assert {region["file"] for region in regions} == {"memfd"}
        assert {region["basis"] for region in regions} == {"segment"}
        assert {"text", "rodata", "relro", "data", "bss"} <= {region["kind"] for region in regions}
        main, = (symbol for symbol in symbols_of(program) if symbol.name == "main")
        queries = ["--at", "memfd:program:main", "--at", f"memfd:program:{main.value:#x}"]
        for place in target_of(*queries, process.pid)["at"]:
            assert (place["elf_address"], place["symbol"]["name"]) == (hex(main.value), "main")


def test_program_started_by_the_loader(program, library):
    """`ld.so ./program`: to the kernel the loader is the program; both are modules."""
    loader = Path(elf_of(program).interpreter)
    with Process([loader, program, library]) as process:
        target = target_of(process.pid)
        assert_covers(target, mappings_of(process.pid))
        paths = [module["path"] for module in target["modules"]]
        assert str(program) in paths and str(library) in paths and str(loader.resolve()) in paths
        for path in (program, library, loader.resolve()):
            kinds = {region["kind"] for region in regions_of(target, path)}
            assert {"text", "rodata", "relro", "data"} <= kinds
