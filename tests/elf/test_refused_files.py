# SPDX-License-Identifier: MIT
"""memmap refuses a file that it cannot show in one line that says why; it opens only regular files."""
import os
import shutil
import socket
import subprocess

import pytest

from conftest import MEMMAP, memmap, memmap_json, need
from helpers.documents import refusal
from helpers.programs import run


@pytest.fixture(name="program")
def fixture_program(tmp_path):
    return shutil.copy(need("true"), tmp_path / "program")


NO_TEXT = "not an ELF file, a snapshot or the text of a memory map"


@pytest.mark.parametrize(("contents", "reason"), [
    (b"", NO_TEXT),
    (b"#!/bin/sh\n", NO_TEXT),
    (b"\x7fELF", NO_TEXT),
    (b"\x7fELG" + bytes(100), "not an ELF file"),
    (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x04\x00" + bytes(100), "a damaged core file: it has no memory"),
    (b"\x7fELF\x01\x02\x01" + bytes(9) + b"\x00\x04" + bytes(100), "a damaged core file: it has no memory"),
    (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x00\x04" + bytes(100),
     "neither an executable nor a shared object"),
    (b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00" + bytes(100),
     "a damaged ELF file: its program headers are missing or contradict each other"),
    (b"\x7fELF\x07\x01\x01" + bytes(9) + b"\x02\x00" + bytes(100),
     "a damaged ELF file: its header makes no sense"),
])
def test_contents(tmp_path, contents, reason):
    path = tmp_path / "file"
    path.write_bytes(contents)
    assert refusal(path) == reason


def test_object_file(tmp_path):
    (tmp_path / "source.c").write_text("int x;\n")
    run(need("gcc"), "-c", "source.c", cwd=tmp_path)
    reason = "a relocatable object file has no addresses yet: link it first"
    assert refusal(tmp_path / "source.o") == reason


@pytest.mark.parametrize("command", [("objcopy", "--only-keep-debug"), ("eu-strip", "-f")])
def test_separate_debug_file(tmp_path, program, command):
    tool, *options = command
    debug = tmp_path / "program.debug"
    run(need(tool), *options, *((debug, program) if tool == "eu-strip" else (program, debug)), cwd=tmp_path)
    assert refusal(debug) == "a separate debug file has nothing to load: give the file that it is for"


def test_special_files(tmp_path):
    assert refusal(tmp_path) == "a directory, not an ELF file"
    os.mkfifo(tmp_path / "fifo")
    assert refusal(tmp_path / "fifo") == "a pipe, not an ELF file"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        assert refusal(tmp_path / "socket") == "a socket, not an ELF file"
    assert refusal("/dev/null") == "a device, not an ELF file"


def test_only_regular_files_are_opened(tmp_path):
    """Reading a pipe would take data from it, and opening a device could have side effects."""
    os.mkfifo(tmp_path / "fifo")
    trace = tmp_path / "trace"
    subprocess.run([need("strace"), "-o", trace, "-e", "trace=open,openat", MEMMAP,
                    tmp_path / "fifo", "/dev/null"], check=False, stderr=subprocess.DEVNULL)
    opened = [line for line in trace.read_text().splitlines() if "fifo" in line or "/dev/null" in line]
    assert len(opened) == 2 and all("O_PATH" in line for line in opened), opened


def test_errors_of_open(tmp_path):
    assert refusal(tmp_path / "missing") == "No such file or directory"
    assert refusal(tmp_path / "missing" / "more") == "No such file or directory"
    (tmp_path / "file").touch()
    assert refusal(tmp_path / "file" / "more") == "Not a directory"
    os.symlink("loop", tmp_path / "loop")
    assert refusal(tmp_path / "loop") == "Too many levels of symbolic links"


def test_standard_input():
    assert refusal("-") == NO_TEXT


def test_name_of_a_file_without_a_slash(program, tmp_path):
    """A name without a slash is that of a process; if there is such a file, the error says how to name the file."""
    os.rename(program, tmp_path / "no-such-process")
    run_ = memmap("no-such-process", text=True, cwd=tmp_path)
    assert run_.returncode == 1
    assert run_.stderr == ("memmap: no-such-process: no process of that name; "
                           "for the file, give ./no-such-process\n")
    assert memmap("./no-such-process", cwd=tmp_path).returncode == 0


def test_hostile_name(program, tmp_path):
    """Control characters in a file's name are escaped in the output and in errors."""
    os.rename(program, tmp_path / "a\x1b[31m\nb")
    done = memmap(tmp_path / "a\x1b[31m\nb", text=True)
    assert done.returncode == 0 and "\x1b" not in done.stdout and r"a\x1b[31m\x0ab: ELF" in done.stdout
    done = memmap(tmp_path / "a\x1b[31m\nc", text=True)
    assert done.returncode == 1 and "\x1b" not in done.stderr and done.stderr.count("\n") == 1


def test_name_like_a_label(program, tmp_path):
    """A path that begins like the name of an anonymous mapping is still a file's."""
    os.mkdir(tmp_path / "[anon:x]")
    os.rename(program, tmp_path / "[anon:x]" / "p")
    target, = memmap_json("[anon:x]/p", cwd=tmp_path)["targets"]
    assert target["named"] == [] and {region["name"] for region in target["regions"]} <= {"[anon:x]/p", None}


def test_others_are_shown(program, tmp_path):
    """A target that fails does not stop the others; files and processes can be mixed."""
    done = memmap("--json", program, tmp_path, os.getpid())
    assert done.returncode == 1 and done.stderr.count(b"\n") == 1
    assert [source in done.stdout for source in (b'"source": "elf"', b'"source": "process"')] == [True, True]
