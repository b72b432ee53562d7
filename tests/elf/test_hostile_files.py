# SPDX-License-Identifier: MIT
"""Truncated, corrupt and forged files are shown soundly or refused in one line, at little cost."""
import json
import os
import re
import shutil
import struct
import subprocess

import pytest

from conftest import Process, memmap, memmap_json, need, need_64_bit
from helpers.documents import assert_sound, assert_totals, check_memory
from helpers.elf_files import check_files
from helpers.programs import build, python, run
from helpers.readelf import elf_of

AT_ONCE = 250
PAGE = 4096
TOP = 1 << 64

SOURCE = """
int initialised[3] = { 1 };
int zeros[3000];
int *const pointer = initialised;
void _start(void) { zeros[1] = *pointer; for (;;); }
"""


@pytest.fixture(name="whole", scope="module")
def fixture_whole(tmp_path_factory):
    """A small file with everything that a program has: an interpreter, a build-id, RELRO, sections."""
    directory = tmp_path_factory.mktemp("whole")
    (directory / "source.c").write_text(SOURCE)
    run(need("gcc"), "-fPIE", "-pie", "-nostdlib", "-Wl,--build-id", "-o", "program", "source.c",
        cwd=directory)
    check_files(directory / "program")
    return (directory / "program").read_bytes()


def run_memmap(*args):
    """stdout, the lines of stderr and the exit status; a signal is an error."""
    done = memmap(*args)
    assert done.returncode >= 0, done.stderr.decode(errors="replace")[-4000:]
    return done.stdout, done.stderr.decode().splitlines(), done.returncode


def check_all(directory, variants, *options):
    """Check that each file is a sound target or gets one line on stderr; return the names of the sound ones."""
    names, shown = [], []
    for name, contents in variants:
        (directory / name).write_bytes(contents)
        names.append(name)
    for i in range(0, len(names), AT_ONCE):
        paths = [directory / name for name in names[i:i + AT_ONCE]]
        stdout, lines, status = run_memmap("--json", *options, *paths)
        targets = {target["exe"]: target for target in json.loads(stdout)["targets"]}
        for path in paths:
            about = [line for line in lines if line.startswith(f"memmap: {path}: ")]
            target = targets.get(str(path))
            notes = len(target["notes"]) if target else 1
            assert len(about) == notes, (path, about)
            if target:
                assert_sound(target)
                assert_totals(target)
                assert target["process"]["virtual"] == sum(region["size"] for region in target["regions"])
                shown.append(path.name)
        assert len(lines) == sum(1 for path in paths if str(path) not in targets) + sum(
            len(target["notes"]) for target in targets.values()), lines
        assert (status == 1) == (len(targets) < len(paths)), status
    return shown


def test_cut_off(whole, tmp_path):
    """A truncated file is shown if its headers are there; memmap notes if a loader would not find all of it."""
    need_64_bit("the headers that are cut off have 64 bits")
    lengths = sorted({*range(0, 2048, 7), *range(0, len(whole), 509), len(whole)})
    shown = check_all(tmp_path, ((f"{length:05}", whole[:length]) for length in lengths), "-S")
    headers = struct.unpack_from("<Q", whole, 32)[0] + 56 * struct.unpack_from("<H", whole, 56)[0]
    assert shown == [f"{length:05}" for length in lengths if length >= headers]
    for name in shown:
        target, = json.loads(memmap("--json", tmp_path / name).stdout)["targets"]
        end = max(load.offset + load.file_end - load.start for load in elf_of(tmp_path / f"{len(whole):05}").loads)
        codes = [note["code"] for note in target["notes"]]
        assert ("elf-cut" in codes) == (int(name) < end), (name, codes)


@pytest.mark.parametrize("value", [0x00, 0x01, 0x7f, 0x80, 0xff])
def test_spoilt_headers(whole, tmp_path, value):
    """With any byte of the ELF header or program headers corrupt, a file is shown soundly or refused."""
    need_64_bit("the headers that are spoilt have 64 bits")
    end = 64 + 56 * struct.unpack_from("<H", whole, 56)[0]
    variants = ((f"{at:05}", whole[:at] + bytes([value]) + whole[at + 1:]) for at in range(4, end))
    assert check_all(tmp_path, variants, "-S", "-e")


@pytest.mark.parametrize("value", [0x00, 0x7f, 0xff])
def test_spoilt_sections(whole, tmp_path, value):
    """Section headers only refine what is shown: with corrupt ones, nearly every file is still shown."""
    need_64_bit("the headers that are spoilt have 64 bits")
    start, count = struct.unpack_from("<Q", whole, 40)[0], struct.unpack_from("<H", whole, 60)[0]
    variants = [(f"{at:05}", whole[:at] + bytes([value]) + whole[at + 1:])
                for at in range(start, min(start + 64 * count, len(whole)))]
    shown = check_all(tmp_path, variants, "-S")
    assert len(shown) > len(variants) * 0.9


def test_spoilt_contents(whole, tmp_path):
    """Corrupt contents, such as notes, the interpreter and the dynamic section, do no harm."""
    variants = ((f"{at:05}", whole[:at] + b"\xff" * 8 + whole[at + 8:]) for at in range(0, len(whole) - 8, 8)
                if any(whole[at:at + 8]))
    assert check_all(tmp_path, variants)


def with_section(whole, name, **fields):
    """The file with other fields (sh_addr, sh_size) in one section header."""
    contents = bytearray(whole)
    table, count, names = *struct.unpack_from("<Q", whole, 40), *struct.unpack_from("<HH", whole, 60)
    strings = struct.unpack_from("<Q", whole, table + 64 * names + 24)[0]
    for at in range(table, table + 64 * count, 64):
        start = strings + struct.unpack_from("<I", whole, at)[0]
        if whole[start:whole.index(b"\0", start)] == name:
            for field, offset in (("sh_addr", 16), ("sh_size", 32)):
                if field in fields:
                    struct.pack_into("<Q", contents, at + offset, fields[field])
            return bytes(contents)
    raise AssertionError(f"no section {name}")


@pytest.mark.parametrize("fields", ({"sh_size": 1 << 63}, {"sh_size": TOP - 0x555555554000}, {"sh_addr": TOP - PAGE},
                                    {"sh_addr": 1 << 40}, {"sh_size": TOP - 1}))
def test_section_outside_of_segments(whole, tmp_path, fields):
    """A section outside all segments is not in memory, whatever its header claims: neither for a file nor for a
    process, for which the load address is added."""
    need_64_bit("the headers that are spoilt have 64 bits")
    path = write(tmp_path, with_section(whole, b".bss", **fields))
    expected = rows(write(tmp_path / "..", whole))
    path.chmod(0o755)
    target, = memmap_json("-S", path)["targets"]
    assert_sound(target)
    assert ".bss" not in [region["section"] for region in target["regions"]]
    assert rows(path) == expected
    with subprocess.Popen([path]) as process:
        try:
            target, = memmap_json("-S", process.pid)["targets"]
        finally:
            process.kill()
    assert_sound(target)
    assert ".data" in [region["section"] for region in target["regions"]]
    assert sum(total["size"] for total in target["totals"].values()) < 1 << 32


# ---- files forged header by header ----

LOAD, RELRO, INTERP, DYNAMIC, NOTE = 1, 0x6474E552, 3, 2, 4
R, W, X = 4, 2, 1


def header(kind, perms, offset, vaddr, filesz, memsz, align=PAGE):
    return struct.pack("<IIQQQQQQ", kind, perms, offset, vaddr, vaddr, filesz, memsz, align)


def elf(*headers, size=4 * PAGE, count=None, machine=62, shoff=0):
    count = len(headers) if count is None else count
    ehdr = b"\x7fELF\x02\x01\x01" + bytes(9) + struct.pack(
        "<HHIQQQIHHHHHH", 2, machine, 1, 0, 64, shoff, 0, 64, 56, count, 64, 0, 0)
    return (ehdr + b"".join(headers)).ljust(size, b"\0")


def write(tmp_path, contents):
    path = tmp_path / "file"
    path.write_bytes(contents)
    return path


def rows(path):
    target, = memmap_json(path)["targets"]
    return [(int(region["start"], 16), int(region["end"], 16), region["perms"], region["kind"],
             region["padding"]) for region in target["regions"]]


def reason(path):
    stdout, lines, status = run_memmap(path)
    assert (stdout, len(lines), status) == (b"", 1, 1), lines
    return lines[0].removeprefix(f"memmap: {path}: ")


CONTRADICTS = "a damaged ELF file: its program headers are missing or contradict each other"
TOO_HIGH = "a damaged ELF file: a segment ends past the last address"


PAGES = [header(LOAD, R, 0, PAGE * i, 8, 8) for i in range(1, 65535)]
REFUSED = {
    "no headers": (elf(), CONTRADICTS),
    "more in the file than in memory": (elf(header(LOAD, R, 0, PAGE, 100, 50)), CONTRADICTS),
    "address that wraps": (elf(header(LOAD, R, 0, TOP - PAGE, 8, 2 * PAGE)), CONTRADICTS),
    "offset that wraps": (elf(header(LOAD, R, TOP - PAGE, PAGE, 2 * PAGE, 2 * PAGE)), CONTRADICTS),
    "headers behind the end": (elf(PAGES[0], count=3, size=64 + 56 + 20), CONTRADICTS),
    "last byte of all": (elf(header(LOAD, R, 0, TOP - PAGE, 8, PAGE - 1)), TOO_HIGH),
    "BSS up to it": (elf(header(LOAD, R | W, 0, PAGE, 8, TOP - PAGE - 1)), TOO_HIGH),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(tmp_path, case):
    contents, expected = REFUSED[case]
    assert reason(write(tmp_path, contents)) == expected


def test_segments_that_overlap(tmp_path):
    path = write(tmp_path, elf(header(LOAD, R, 0, PAGE, PAGE, PAGE), header(LOAD, R, 8, PAGE + 8, 8, 8)))
    assert [row[:4] for row in rows(path)] == [(PAGE, 2 * PAGE, "r--p", "rodata")]


def test_all_segments_that_a_header_can_count(tmp_path):
    assert len(rows(write(tmp_path, elf(*PAGES)))) == len(PAGES)


@pytest.mark.parametrize("segment", [(R, 0, PAGE, 5 * PAGE, 5 * PAGE), (R | X, 4 * PAGE, PAGE, 1, 1)], ids=str)
def test_contents_behind_the_end(tmp_path, segment):
    """A segment after the end of the file is shown, with a note, as a loader maps it anyway."""
    target, = memmap_json(write(tmp_path, elf(header(LOAD, *segment))), status=3)["targets"]
    assert [note["code"] for note in target["notes"]] == ["elf-cut"]
    assert target["process"]["virtual"] == -(-segment[4] // PAGE) * PAGE


@pytest.mark.parametrize("count", [65534, 65535])
def test_headers_that_say_nothing(tmp_path, count):
    """Empty program headers are ignored. A count of 65535 refers to a section for the real count: there is none."""
    path = write(tmp_path, elf(PAGES[0], count=count, size=64 + 56 * count))
    assert rows(path) == [(PAGE, 2 * PAGE, "r--p", "rodata", PAGE - 8)]


def test_32_bit_addresses_end_at_4_gigabytes(tmp_path):
    def narrow(vaddr, size):
        ehdr = b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack(
            "<HHIIIIIHHHHHH", 2, 3, 1, 0, 52, 0, 0, 52, 32, 1, 40, 0, 0)
        return (ehdr + struct.pack("<IIIIIIII", LOAD, 0, vaddr, vaddr, 8, size, R, PAGE)).ljust(PAGE, b"\0")

    assert reason(write(tmp_path, narrow(0xfffff000, 0x1001))) == TOO_HIGH
    assert rows(write(tmp_path, narrow(0xfffff000, 0x1000))) == [(0xfffff000, 1 << 32, "r--p", "rodata", 0)]


def test_huge_bss(tmp_path):
    """An exbibyte of zeroes costs nothing to show."""
    path = write(tmp_path, elf(header(LOAD, R | W, 0, PAGE, 16, 1 << 60)))
    assert rows(path) == [(PAGE, PAGE + 16, "rw-p", "data", 0), (PAGE + 16, 2 * PAGE, "rw-p", "bss", 0),
                          (2 * PAGE, (1 << 60) + PAGE, "rw-p", "bss", 0)]
    assert b"1E" in run_memmap("-s", path)[0]


def test_top_of_the_address_space(tmp_path):
    """A segment near the top of the address space is shown, as kernels have it."""
    path = write(tmp_path, elf(header(LOAD, R | X, 0, TOP - 4 * PAGE, PAGE, PAGE)))
    assert rows(path) == [(TOP - 4 * PAGE, TOP - 3 * PAGE, "r-xp", "text", 0)]


def test_two_segments_in_one_page(tmp_path):
    """The later segment gets the page, and the earlier one keeps what is before the page."""
    path = write(tmp_path, elf(header(LOAD, R, 0, PAGE, PAGE + 16, PAGE + 16),
                               header(LOAD, R | W, PAGE + 64, 2 * PAGE + 64, 64, 64),
                               header(LOAD, R | W, PAGE + 256, 2 * PAGE + 256, 16, 4 * PAGE)))
    target, = memmap_json(path)["targets"]
    assert target["process"]["mappings"] == 3
    assert [row[:4] for row in rows(path)] == [
        (PAGE, 2 * PAGE, "r--p", "rodata"), (2 * PAGE, 2 * PAGE + 272, "rw-p", "data"),
        (2 * PAGE + 272, 3 * PAGE, "rw-p", "bss"), (3 * PAGE, 7 * PAGE, "rw-p", "bss")]


def test_relro_that_is_everything(tmp_path):
    """RELRO makes whole pages of writable segments read-only, and changes nothing else."""
    path = write(tmp_path, elf(header(LOAD, R | X, 0, PAGE, PAGE, PAGE),
                               header(LOAD, R | W, PAGE, 4 * PAGE, 16, 16),
                               header(RELRO, R, 0, 0, TOP - 1, TOP - 1)))
    assert rows(path) == [(PAGE, 2 * PAGE, "r-xp", "text", 0),
                          (4 * PAGE, 5 * PAGE, "r--p", "relro", PAGE - 16)]


@pytest.mark.parametrize(("kind", "offset", "size"), [
    (INTERP, 1 << 62, 100), (INTERP, 0, 1 << 40), (INTERP, 3 * PAGE, 0), (DYNAMIC, 1 << 62, 160),
    (DYNAMIC, 0, 1 << 40), (NOTE, 1 << 62, 36), (NOTE, 0, 1 << 40)])
def test_other_headers_that_lead_nowhere(tmp_path, kind, offset, size):
    """If other headers lead nowhere, their contents are missing, but the segments are not."""
    path = write(tmp_path, elf(header(LOAD, R, 0, PAGE, 16, 16), header(kind, R, offset, 0, size, size)))
    assert rows(path) == [(PAGE, 2 * PAGE, "r--p", "rodata", PAGE - 16)]
    assert memmap_json(path)["targets"][0]["elf"]["interpreter"] is None


def test_interpreter_that_is_no_text(tmp_path):
    contents = bytearray(elf(header(LOAD, R, 0, PAGE, PAGE, PAGE), header(INTERP, R, 3 * PAGE, 0, 8, 8)))
    contents[3 * PAGE:3 * PAGE + 8] = b"/\x1b[31m\xff\xfe"
    path = write(tmp_path, bytes(contents))
    heading = run_memmap(path)[0].splitlines()[0]
    assert heading.endswith(rb", interpreter /\x1b[31m\xff\xfe")
    target, = memmap_json(path)["targets"]
    assert bytes.fromhex(target["elf"]["interpreter_hex"]) == b"/\x1b[31m\xff\xfe"


def test_sections_by_the_million(tmp_path):
    """A sparse file has room for ten million sections: memmap refuses it, as libelf would take gigabytes for them."""
    count = 10_000_000
    contents = elf(header(LOAD, R, 0, PAGE, 16, 16), shoff=PAGE)
    path = write(tmp_path, contents[:PAGE] + struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, count, 0, 0, 0, 0))
    os.truncate(path, PAGE + 64 * count)
    for options in ([], ["-S"], ["-m"]):
        assert check_memory(tmp_path, *options, path) == 1
        assert run_memmap(*options, path)[1] == [f"memmap: {path}: it has more ELF sections than memmap reads"]


def test_running_with_sections_by_the_million(tmp_path):
    """The kernel ignores sections and runs such a file: its map is complete, and -S says that sections are missing."""
    path = tmp_path / "file"
    shutil.copy(build("hold_files.c"), path)
    with open(path, "r+b") as file:
        need_64_bit("the headers that are changed have 64 bits")
        start = os.path.getsize(path)
        file.seek(40)
        file.write(struct.pack("<Q", start))
        file.seek(60)
        file.write(struct.pack("<H", 0))
        file.seek(start)
        file.write(struct.pack("<IIQQQQIIQQ", 0, 0, 0, 0, 0, 10_000_000, 0, 0, 0, 0))
        file.truncate(start + 64 * 10_000_000)
    with Process([path]) as process:
        assert memmap(process.pid).returncode == 0
        shown = memmap("-S", process.pid)
        assert (shown.returncode, shown.stderr.decode()) == (
            3, f"memmap: {process.pid}: 1 file has more sections, or longer section names, than memmap reads: "
               "they are missing\n")


def test_names_by_the_gigabyte(whole, tmp_path):
    """libelf reads the section of names whole: one of gigabytes is not read, and the sections have no names."""
    need_64_bit("the headers that are spoilt have 64 bits")
    start, names = struct.unpack_from("<Q", whole, 40)[0], struct.unpack_from("<H", whole, 62)[0]
    contents = bytearray(whole)
    struct.pack_into("<Q", contents, start + 64 * names + 32, 3 << 30)
    path = write(tmp_path, bytes(contents))
    os.truncate(path, 4 << 30)
    assert check_memory(tmp_path, "-S", path) == 3
    assert {region["section"] for region in memmap_json("-S", path, status=3)["targets"][0]["regions"]} <= {None, ""}


def test_unknown_machine(tmp_path):
    path = write(tmp_path, elf(header(LOAD, R, 0, PAGE, 16, 16), machine=0xbeef))
    heading = f"{path}: ELF 64-bit little-endian machine 48879 executable, "
    assert run_memmap(path)[0].startswith(heading.encode())


def test_long_section_names(tmp_path):
    """Any number of sections may share a long name, which a table would repeat for each: it is left out."""
    (tmp_path / "source.c").write_text("".join(
        f'int {name[0]} __attribute__((section("{name}"))) = 1;\n' for name in ("a" * 1024, "b" * 1025)))
    run(need("gcc"), "-shared", "-nostdlib", "-o", "program", "source.c", cwd=tmp_path)
    stdout, (line,), status = run_memmap("-S", "--raw", tmp_path / "program")
    assert status == 3 and line.endswith("more sections, or longer section names, than memmap reads: they are missing")
    assert b"a" * 1024 in stdout and b"b" * 1024 not in stdout


def section(name=0, kind=0, flags=0, address=0, offset=0, size=0, link=0, info=0):
    """A section header; the entries of symbol tables have 24 bytes, those of versions two."""
    return struct.pack("<IIQQQQIIQQ", name, kind, flags, address, offset, size, link, info, 4,
                       {2: 24, 11: 24, 0x6fffffff: 2}.get(kind, 0))


def test_long_symbol_names(tmp_path):
    """A symbol whose name is longer than 64 KiB is missing, and memmap says so."""
    lengths = 64 << 10, (64 << 10) + 1
    (tmp_path / "source.s").write_text("".join(
        f".globl {'a' * length}\n.type {'a' * length}, @function\n{'a' * length}: .zero 16\n" for length in lengths))
    run(need("gcc"), "-shared", "-nostdlib", "-o", "program", "source.s", cwd=tmp_path)
    stdout, (line,), status = run_memmap("--at", "a" * lengths[0], tmp_path / "program")
    assert status == 3 and line.endswith("the names of symbols of 1 module are longer than memmap reads: some are missing")
    assert b"ADDRESS" in stdout
    stdout, lines, status = run_memmap("--at", "a" * lengths[1], tmp_path / "program")
    assert status == 3 and len(lines) == 2 and b"ADDRESS" not in stdout


def test_versions_without_end(tmp_path):
    """No more version entries are read than there can be version numbers: what comes later is not known."""
    need_64_bit("the headers have 64 bits")
    names = b"\0foo\0V1\0"
    symbols = bytes(24) + struct.pack("<IBBHQQ", 1, 0x12, 0, 1, 0x1000, 16)
    for n, is_known in ((1000, True), (40000, False)):
        # n needs, then three entries: the first need has two of them, the others share one; but the last need alone
        # has the entry with the name.
        needs = b"".join(struct.pack("<HHIII", 1, 1, 1, 16 * (n - i + (i > 0)), 16) for i in range(n - 1))
        needs += struct.pack("<HHIII", 1, 1, 1, 48, 0)
        needs += b"".join(struct.pack("<IHHII", 0, 0, number, 5, follows) for number, follows in ((3, 16), (3, 0), (2, 0)))
        parts = [symbols, names, struct.pack("<HHI", 0, 2, 0), needs]
        at, offsets = 64 + 56, []
        for part in parts:
            offsets.append(at)
            at += len(part) + -len(part) % 8
        sections = [section(), section(0, 1, 6, 0x1000, 0, 0x1000), section(0, 11, 2, 0, offsets[0], 48, 3, 1),
                    section(0, 3, 0, 0, offsets[1], len(names)), section(0, 0x6fffffff, 2, 0, offsets[2], 4, 2),
                    section(0, 0x6ffffffe, 2, 0, offsets[3], len(needs), 3, 1)]
        header = b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack(
            "<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, at, 0, 64, 56, 1, 64, len(sections), 3)
        header += struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, 0x2000, 0x2000, 0x1000)
        path = tmp_path / f"{n}"
        path.write_bytes(header + b"".join(part + bytes(-len(part) % 8) for part in parts) + b"".join(sections))
        stdout, lines, status = run_memmap("--at", "foo@V1", path)
        assert (b"ADDRESS" in stdout) == (status == 0) == (lines == []) == is_known


def program_header(kind=1, flags=5, at=0, address=0, size=PAGE):
    return struct.pack("<IIQQQQQQ", kind, flags, at, address, address, size, size, PAGE)


def file_header(n, at=64):
    """The header of a file with n program headers and without sections."""
    return b"\x7fELF\2\1\1".ljust(16, b"\0") + struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, at, 0, 0, 64, 56, n, 64, 0, 0)


def test_program_headers_at_the_end(tmp_path):
    """Without sections, nothing gives a number of them: the field at that place says where the program headers are."""
    path = tmp_path / "end"
    path.write_bytes(file_header(1, 300 << 10).ljust(300 << 10, b"\0") + program_header())
    stdout, lines, status = run_memmap("-s", "--raw", path)
    assert (lines, status) == ([], 0) and b"text 1 " in stdout


def test_segments_and_mappings(tmp_path):
    """Thousands of segments claim the pages of many mappings: not each is compared with each."""
    path = tmp_path / "segments"
    path.write_bytes((file_header(4000) + 4000 * program_header(size=20 * PAGE)).ljust(20 * PAGE, b"\0"))
    map_pages = f"""
fd = os.open({str(path)!r}, os.O_RDONLY)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t] + 3 * [ctypes.c_int] + [ctypes.c_long]
room = address(mmap.mmap(-1, {20 * PAGE}, ANON))
for i in range(20): libc.mmap(room + i * {PAGE}, {PAGE}, mmap.PROT_READ | mmap.PROT_EXEC, mmap.MAP_PRIVATE | 0x10, fd, 0)
"""
    with python(map_pages) as process:
        target, = memmap_json(process.pid, status=3)["targets"]
        assert_sound(target)
        assert [note["code"] for note in target["notes"]] == ["modules-unsought"]


def map_each(paths):
    """Maps the first page of each file as code."""
    return f"""
keep = []
for path in {[str(path) for path in paths]!r}:
    with open(path, "rb") as file: keep.append(mmap.mmap(file.fileno(), {PAGE}, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC))
"""


SEGMENTS_MAX = 65535


def write_segments(path):
    path.write_bytes(file_header(SEGMENTS_MAX) + b"".join(
        program_header(at=i % 8 * PAGE, address=i * 16 * PAGE) for i in range(SEGMENTS_MAX)))


def test_names_of_one_file(tmp_path):
    """However many names a mapped file has, it is read once."""
    write_segments(tmp_path / "file")
    paths = [tmp_path / str(i) for i in range(300)]
    for path in paths:
        path.hardlink_to(tmp_path / "file")
    with python(map_each(paths)) as process:
        assert check_memory(tmp_path, str(process.pid)) == 3


def test_symbols_of_one_file(tmp_path):
    """However many names a mapped file has, its symbols are read once."""
    n = 50000
    names = b"\0" + b"".join(b"f%06x\0" % i for i in range(n))
    symbols = bytes(24) + b"".join(struct.pack("<IBBHQQ", 1 + 8 * i, 0x12, 0, 1, i % PAGE, 1) for i in range(n))
    at = PAGE + len(symbols) + len(names)
    sections = [section(), section(0, 1, 6, 0, 0, PAGE), section(0, 2, 0, 0, PAGE, len(symbols), 3, 1),
                section(0, 3, 0, 0, PAGE + len(symbols), len(names))]
    header = file_header(1)[:40] + struct.pack("<QIHHHHHH", at, 0, 64, 56, 1, 64, len(sections), 3)
    (tmp_path / "file").write_bytes((header + program_header()).ljust(PAGE, b"\0") + symbols + names + b"".join(sections))
    paths = [tmp_path / str(i) for i in range(300)]
    for path in paths:
        path.hardlink_to(tmp_path / "file")
    with python(map_each(paths)) as process:
        assert check_memory(tmp_path, "--at", "nowhere@VERSION", str(process.pid)) == 3
        target, = memmap_json("--at", f"{paths[1]}:f000001", process.pid)["targets"]
        place, = target["at"]
        assert (place["symbol"]["name"], place["region"]["name"]) == ("f000001", str(paths[1]))


def test_segments_of_all_files(tmp_path):
    """All mapped files together have a bound: the rest of them is classified by access rights, with a note."""
    write_segments(tmp_path / "file")
    paths = [shutil.copy(tmp_path / "file", tmp_path / str(i)) for i in range(20)]
    with python(map_each(paths)) as process:
        target, = memmap_json(process.pid, status=3)["targets"]
        assert_sound(target)
        note, = (note["text"] for note in target["notes"] if note["code"] == "elf-unreadable")
        assert note.startswith("the ELF headers of") and "than memmap reads" in note


def test_archive_beside_too_many_segments(tmp_path):
    """What is in an archive is not read either once all files together have too many segments."""
    write_segments(tmp_path / "file")
    paths = [shutil.copy(tmp_path / "file", tmp_path / str(i)) for i in range(20)]
    path = tmp_path / "archive"
    path.write_bytes(b"PK\3\4".ljust(PAGE, b"\0") + (file_header(1) + program_header()).ljust(PAGE, b"\0"))
    # Later mappings have lower addresses: the archive comes first.
    map_archive = f"""
fd = os.open({str(path)!r}, os.O_RDONLY)
for perms in (mmap.PROT_READ, mmap.PROT_READ | mmap.PROT_EXEC):
    keep.append(mmap.mmap(fd, {PAGE}, mmap.MAP_PRIVATE, perms, offset={PAGE}))
"""
    with python(map_each(paths)) as process:
        target, = memmap_json(process.pid, status=3)["targets"]
        before, = (note["text"] for note in target["notes"] if note["code"] == "elf-unreadable")
    with python(map_each(paths) + map_archive) as process:
        target, = memmap_json(process.pid, status=3)["targets"]
        after, = (note["text"] for note in target["notes"] if note["code"] == "elf-unreadable")
    count = [int(text.removeprefix("the ELF headers of ").split()[0]) for text in (before, after)]
    assert count[1] == count[0] + 1


@pytest.mark.parametrize("has_sections", [False, True], ids=["segments", "sections"])
def test_headers_of_sparse_files(tmp_path, has_sections):
    """Headers that were read count, even if there is nothing in them: a sparse file has them for free."""
    n = 1 << 18 if has_sections else SEGMENTS_MAX
    paths = [tmp_path / str(i) for i in range(40)]
    for path in paths:
        path.write_bytes(file_header(1)[:40] + struct.pack("<QIHHHHHH", PAGE, 0, 64, 56, 1, 64, 0, 0)
                         + program_header(size=PAGE) if has_sections else file_header(n))
        with open(path, "r+b") as file:
            file.seek(PAGE + 32)
            file.write(struct.pack("<Q", n if has_sections else 0))
            file.truncate(2 * PAGE + 64 * n)
    with python(map_each(paths)) as process:
        target, = memmap_json(process.pid, status=3)["targets"]
        note, = (note["text"] for note in target["notes"] if note["code"] == "elf-unreadable")
        assert int(re.match(r"the ELF headers of (\d+) ", note)[1]) >= 20 and "than memmap reads" in note


def test_segments_of_all_parts(tmp_path):
    """Each page of an archive is an ELF file whose program headers are the pages behind it."""
    path, n = tmp_path / "archive", 1000
    page = file_header(1240) + (PAGE - 64) // 8 * struct.pack("<II", 1, 4)
    path.write_bytes(b"PK\3\4".ljust(PAGE, b"\0") + (n + 20) * page)
    # Later mappings have lower addresses.
    map_backwards = f"""
fd = os.open({str(path)!r}, os.O_RDONLY)
keep = [mmap.mmap(fd, {PAGE}, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC, offset=i * {PAGE}) for i in range(1, {n})]
"""
    with python(map_backwards) as process:
        target, = memmap_json(process.pid, status=3)["targets"]
        assert_sound(target)
        note, = (note["text"] for note in target["notes"] if note["code"] == "elf-unreadable")
        assert note.startswith("the ELF headers of 1 mapped file ")


@pytest.mark.parametrize("directories, times", [((), 300), (14 * ["d" * 250], 100)], ids=["often", "long name"])
def test_sections_and_mappings(tmp_path, directories, times):
    """
    A file with thousands of sections is mapped hundreds of times: not each section of each becomes a region, and
    fewer if each shows a long name.
    """
    path, n = tmp_path.joinpath(*directories, "sections"), 4000
    path.parent.mkdir(parents=True, exist_ok=True)
    sections = section() + b"".join(section(0, 1, 6 if i % 2 else 2, 64 + i, 64, 1) for i in range(n))
    header = file_header(1)[:40] + struct.pack("<QIHHHHHH", 16 * PAGE, 0, 64, 56, 1, 64, n + 1, 0)
    path.write_bytes((header + program_header(size=16 * PAGE)).ljust(16 * PAGE, b"\0") + sections)
    map_often = f"""
fd = os.open({str(path)!r}, os.O_RDONLY)
keep = [mmap.mmap(fd, {16 * PAGE}, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC) for _ in range({times})]
"""
    with python(map_often) as process:
        _, lines, status = run_memmap("-s", process.pid)
    assert status == 3 and "does not look for all modules" in lines[0]
    assert ["are cut off" in line for line in lines[1:]] == ([True] if directories else [])


def test_notes_that_overlap(tmp_path):
    """Not all of a hundred large note segments are read: the file counts as one that cannot be read."""
    path, n = tmp_path / "notes", 100
    path.write_bytes((file_header(n + 1) + program_header() + n * program_header(4, 4, 2 * PAGE, 0, 60000)).ljust(100000, b"\0"))
    with python(map_each([path])) as process:
        target, = memmap_json("--check", process.pid, status=4)["targets"]
    note, = target["notes"]
    assert note["text"].startswith("checked without the files of 1 of ")


def test_segments_and_sections(tmp_path):
    """Thousands of nested segments have thousands of sections each: not all of each are looked at."""
    path, n = tmp_path / "nested", 8500
    headers = b"".join(program_header(flags=7, at=i * PAGE, address=i * PAGE, size=2 * (n - i) * PAGE) for i in range(n))
    sections = section() + b"".join(
        section(0, 1, 6 if i % 2 else 2, n * PAGE + i - n // 2, 64, 1) for i in range(n))
    header = file_header(n)[:40] + struct.pack("<QIHHHHHH", 64 + len(headers), 0, 64, 56, n, 64, n + 1, 0)
    path.write_bytes(header + headers + sections)
    _, lines, status = run_memmap("-s", path)
    assert status == 3
    assert [line for line in lines if line.endswith("some code and data is classified by access rights only")]
