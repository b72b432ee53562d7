# SPDX-License-Identifier: MIT
"""File names that try to break a terminal, a table, a script or JSON, mapped by a live process."""
import json
import os
import re
import subprocess

import pytest

from conftest import memmap, memmap_json, need
from helpers.documents import assert_valid, raw_rows, region_at, target_of
from helpers.kernel import mappings_of
from helpers.programs import start

NAMES = {
    "escape": b"\x1b[31mred\x1b[2J\x1b]0;title\x07",
    "newline": b"two\nlines",
    "carriage return": b"over\rwritten",
    "tab": b"a\tb",
    "all control bytes": bytes([*range(1, 32), 127]),
    "double quote": b'a"b',
    "single quote": b"a'b",
    "backslash": b"a\\b\\\\c\\",
    "literal newline escape": b"a\\012b",
    "literal hexadecimal escape": b"a\\x1b",
    "end of text escape": b"\\",
    "not UTF-8": b"latin-\xe9\xff\xfe",
    "overlong UTF-8": b"\xc0\xaf\xe0\x80\xaf",
    "surrogate": b"\xed\xa0\x80",
    "beyond Unicode": b"\xf4\x90\x80\x80",
    "cut UTF-8": b"caf\xc3",
    "C1 control as UTF-8": "next\u0085line \u009b31m".encode(),
    "C1 control as a byte": b"next\x85line \x9b31m",
    "direction override": "abc\u202etxt.exe".encode(),
    "direction isolate": "abc\u2066def\u2069".encode(),
    "zero width": "a\u200bb\u200dc\ufeffd".encode(),
    "line separators": "a\u2028b\u2029c".encode(),
    "tag characters": "a\U000e0041b".encode(),
    "wide and combining": "\u6f22\u5b57 e\u0301 \U0001f600".encode(),
    "fake heap": b"fake [heap]",
    "heap": b"[heap]",
    "deleted": b"x (deleted)",
    "memfd": b"memfd:x (deleted)",
    "trailing blanks": b"trailing   ",
    "leading blanks": b"   leading",
    "only a blank": b" ",
    "dash": b"-",
    "percent": b"%s%n%d",
    "shell": b"$(reboot) `reboot` ; & | < > * ?",
    "markup": b"<script>&amp;",
}
# Characters that a terminal may act upon, hide or reorder: none of them may be printed as it is.
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
                    "\U000e0000-\U000e0fff]")


def unescaped(cell):
    """The bytes that a raw cell stands for."""
    return re.sub(rb"\\x([0-9a-f]{2})", lambda m: bytes.fromhex(m[1].decode()), cell.encode())


@pytest.fixture(scope="module", params=["C.UTF-8", "C"])
def locale(request):
    return {**os.environ, "LC_ALL": request.param}


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    """A directory that holds one file of each name; a directory called [heap] is in its path."""
    directory = tmp_path_factory.mktemp("names") / "[heap]"
    directory.mkdir()
    for name in NAMES.values():
        path = os.path.join(os.fsencode(directory), name)
        with open(path, "wb") as file:
            file.write(bytes(4096))
    return os.fsencode(directory)


@pytest.fixture(scope="module")
def process(directory):
    paths = [os.path.join(directory, name) for name in NAMES.values()]
    with start("hold_files.c", *paths) as process:
        yield process


@pytest.mark.parametrize("options", [
    (), ("--raw",), ("--output-all",), ("--output-all", "--raw"), ("--json",)], ids=" ".join)
def test_output_is_harmless(process, locale, options):
    run = memmap(*options, process.pid, env=locale)
    assert run.returncode == 0
    text = run.stdout.decode("ascii" if locale["LC_ALL"] == "C" and "--json" not in options else "utf-8")
    assert UNSAFE.search(text) is None
    assert run.stderr == b""


@pytest.mark.parametrize("index", range(len(NAMES)), ids=NAMES.keys())
class TestName:
    def region(self, process, index):
        return region_at(target_of(process.pid), process.lines[index])

    def test_json(self, process, directory, index):
        """The exact bytes are there: in name if they are UTF-8, else in name_hex.

        Also if the kernel's map is ambiguous: it writes a newline and the characters \\012 alike.
        """
        path = os.path.join(directory, list(NAMES.values())[index])
        region = self.region(process, index)
        if "name_hex" in region:
            assert region["name_hex"] == path.hex()
            assert "\ufffd" in region["name"]
            with pytest.raises(UnicodeDecodeError):
                path.decode()
        else:
            assert region["name"].encode() == path

    def test_it_is_a_file(self, process, index):
        """No name turns a file into a heap, a deleted file or shared memory."""
        region = self.region(process, index)
        assert (region["kind"], region["file"]) == ("file", "ok")

    def test_raw(self, process, directory, index):
        """One row, the right number of fields, and the name can be recovered."""
        path = os.path.join(directory, list(NAMES.values())[index])
        rows = raw_rows(memmap("--raw", "--noheadings", "-o", "START,NAME,SIZE", process.pid).stdout)
        assert {len(row) for row in rows} == {3}
        row, = (row for row in rows if int(row[0], 16) == int(process.lines[index], 16))
        assert unescaped(row[1]) == path

    def test_table(self, process, index, directory):
        """One row, which ends in the name: as it is if safe, or with unsafe bytes as \\xNN."""
        name = list(NAMES.values())[index]
        run = memmap("-n", "-o", "START,NAME", process.pid, env={**os.environ, "LC_ALL": "C.UTF-8"})
        line, = (line for line in run.stdout.decode().split("\n")[:-1]
                 if int(line.split()[0], 16) == int(process.lines[index], 16))
        expected = ""
        for char in name.decode(errors="surrogateescape"):
            unsafe = UNSAFE.match(char) or char == "\n" or "\udc80" <= char <= "\udcff"
            data = char.encode(errors="surrogateescape")
            expected += "".join(f"\\x{byte:02x}" for byte in data) if unsafe else char
        expected = (os.fsdecode(directory) + "/" + expected) if name != b"a\\x1b" else "/a\\x5cx1b"
        assert line.endswith(expected)


def test_schema(process):
    assert_valid(memmap_json(process.pid))


def test_json_is_read_by_others(process):
    document = memmap("--json", process.pid).stdout
    names = subprocess.run([need("jq"), "-r", ".targets[0].regions | length"], input=document, check=True,
                           capture_output=True).stdout
    assert int(names) == len(json.loads(document)["targets"][0]["regions"])


def test_deleted_file_that_is_called_deleted(tmp_path):
    """The kernel writes `x (deleted) (deleted)` for this file, and `x (deleted)` while it is not deleted."""
    path = tmp_path / "x (deleted)"
    path.write_bytes(bytes(4096))
    with start("hold_files.c", path) as process:
        path.unlink()
        region = region_at(target_of(process.pid), process.lines[0])
        assert (region["kind"], region["file"]) == ("file", "deleted")


def test_newline_that_nobody_can_tell(tmp_path):
    """If no link says what the kernel's \\012 stands for, the name stays as maps has it."""
    (tmp_path / "4242").mkdir()
    (tmp_path / "4242" / "maps").write_bytes(b"10000000-10001000 r--p 00000000 fe:00 7 /two\\012lines\n")
    region, = target_of("--procfs", tmp_path, "4242")["regions"]
    assert region["name"] == "/two\\012lines"


def test_twelve_kilobyte_path(tmp_path):
    """memmap shows a path that no system call accepts; the process walked there, and then mapped the file."""
    here = os.open(tmp_path, os.O_RDONLY)
    for _ in range(60):
        os.mkdir("d" * 200, dir_fd=here)
        deeper = os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = deeper
    with open(os.open("file", os.O_CREAT | os.O_RDWR, dir_fd=here), "wb") as file:
        file.write(bytes(4096))
    with start("hold_files.c", "file", preexec_fn=lambda: os.fchdir(here)) as process:
        os.close(here)
        name, = (name for begin, _, _, name in mappings_of(process.pid) if begin == int(process.lines[0], 16))
        assert len(name) > 12_000
        assert region_at(target_of(process.pid), process.lines[0])["name"].encode() == name
        rows = raw_rows(memmap("--raw", "--noheadings", "-o", "START,NAME", process.pid).stdout)
        assert name.decode() in [row[1] for row in rows]
