# SPDX-License-Identifier: MIT
"""A process may call itself anything, in sixteen bytes."""
import os

import pytest

from conftest import Process, memmap, memmap_json
from helpers.documents import assert_error, assert_valid, target_of
from helpers.programs import build, start, unique

NAMES = {
    "escape": b"\x1b[2J\x1b[31mx",
    "newline": b"a\nb",
    "fake fields": b"x) R 1 2 3 (",
    "not UTF-8": b"\xff\xfe\x85",
    "direction": "\u202etxt".encode(),
    "quote": b'a"b\\c',
    "digits": b"123",
    "empty": b"",
}


def exact(thing, key):
    """The bytes of a text in JSON, which has them in another field if they are not UTF-8."""
    return bytes.fromhex(thing[key + "_hex"]) if key + "_hex" in thing else thing[key].encode()


def assert_harmless(output):
    text = output.decode()
    assert [char for char in text if char != "\n" and not char.isprintable()] == []
    return text


@pytest.mark.parametrize("comm", NAMES.values(), ids=NAMES.keys())
def test_comm(comm):
    with start("set_comm.c", comm) as process:
        target = target_of(process.pid)
        assert exact(target, "comm") == comm
        assert target["pid"] == process.pid

        run = memmap(process.pid)
        assert run.returncode == 0 and run.stderr == b""
        text = assert_harmless(run.stdout)
        # One line on the process stands above the heading, whatever the process is called.
        assert text.split("\n")[0].startswith(f"{process.pid}: ")
        assert text.split("\n")[1].split()[0] == "START"


@pytest.mark.parametrize("name", [b"\x1b[31m\n\\x1b", b"caf\xe9 (deleted)", "\u202etxt".encode()])
def test_path_of_the_program(tmp_path, name):
    """The path is in the line on the process, in each row of the program, and among the modules: harmless in each."""
    program = os.path.join(os.fsencode(tmp_path), name)
    with open(program, "wb") as file:
        file.write(build("two_threads.c").read_bytes())
    os.chmod(program, 0o755)
    with Process([program]) as process:
        document = memmap_json(process.pid)
        assert_valid(document)
        target, = document["targets"]
        assert exact(target, "exe") == exact(target["modules"][0], "path") == program
        assert target["regions"][0]["file"] == "ok"
        assert_harmless(memmap("--output-all", process.pid).stdout)
        assert_harmless(memmap("--output-all", "--raw", process.pid).stdout)
        assert_harmless(memmap("--json", process.pid).stdout)


def test_hostile_target():
    """Names from the command line are shown as carefully as names from the kernel."""
    run = memmap("\x1b[2Jname\nmemmap: all is well")
    assert run.returncode == 1
    assert run.stderr.count(b"\n") == 1 and b"\x1b" not in run.stderr


def test_found_by_hostile_name():
    name = unique("a\nb c")
    with start("set_comm.c", name) as process:
        assert target_of(name)["pid"] == process.pid
        assert_error(memmap("a\nb"), r"a\x0ab")
