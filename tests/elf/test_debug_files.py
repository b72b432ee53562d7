# SPDX-License-Identifier: MIT
"""--at with stripped programs: names come from a separate debug file, if it is of the same build."""
import json
import os
import shutil
import subprocess

import pytest

from conftest import LIMIT, MEMMAP, Process, memmap, missing, need
from helpers.programs import build
from helpers.readelf import elf_of, symbols_of
from helpers.users import need_root

FOLDER = "usr/lib/debug/.build-id"


@pytest.fixture(name="program")
def fixture_program(tmp_path):
    """A stripped program, which needs nothing else to run."""
    path = tmp_path / "root" / "program"
    path.parent.mkdir()
    subprocess.run([need("strip"), "-o", path, build("kinds.c", "cc", "-static")], check=True)
    assert not symbols_of(path)
    return path


def split_off(directory, is_right):
    """The symbols of the program in a separate file, which has another build-id unless it is right."""
    path, whole = directory / "symbols", build("kinds.c", "cc", "-static")
    subprocess.run([need("objcopy"), "--only-keep-debug", whole, path], check=True)
    if not is_right:
        build_id = bytes.fromhex(elf_of(whole).build_id)
        contents = path.read_bytes()
        assert contents.count(build_id) == 1
        path.write_bytes(contents.replace(build_id, build_id[::-1]))
    return path


def place_at(root, program, file):
    """The path where a debug file belongs below a root directory; copy `file` there, if given."""
    build_id = elf_of(program).build_id
    path = root / build_id[:2] / f"{build_id[2:]}.debug"
    path.parent.mkdir(parents=True)
    if file:
        shutil.copy(file, path)
    return path


def found(run):
    """The name that memmap shows for the address of main()."""
    assert run.returncode == 0, run.stderr
    target, = json.loads(run.stdout)["targets"]
    place, = target["at"]
    return place["symbol"] and place["symbol"]["name"]


def query():
    symbol, = (symbol for symbol in symbols_of(build("kinds.c", "cc", "-static")) if symbol.name == "main")
    return "-J", "--at", f"program:{symbol.value:#x}"


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_in_the_root_of_the_process(tmp_path, program, is_right):
    """A debug file in the process's root, as in a container, is used only if it is of the same build."""
    need_root()
    with Process([need("chroot"), program.parent, "/program"]) as process:
        assert found(memmap(*query(), process.pid)) is None
        place_at(program.parent / FOLDER, program, split_off(tmp_path, is_right))
        assert found(memmap(*query(), process.pid)) == ("main" if is_right else None)


@pytest.mark.parametrize("what", ["fifo", "directory", "loop", "garbage", "nothing but a header"])
def test_no_debug_file(program, what):
    """Nothing in the process's root directory stops memmap, or makes it wait."""
    need_root()
    path = place_at(program.parent / FOLDER, program, None)
    if what == "fifo":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
    elif what == "loop":
        path.symlink_to(path)
    else:
        path.write_bytes(b"\x7fELF" + bytes(60) if what != "garbage" else b"garbage" * 1000)
    with Process([need("chroot"), program.parent, "/program"]) as process:
        assert found(memmap(*query(), process.pid)) is None


@pytest.mark.parametrize("is_right", [True, False], ids=["right", "wrong"])
def test_in_our_root(tmp_path, program, is_right):
    need_root()
    if not os.path.isdir("/usr/lib/debug"):
        missing("/usr/lib/debug")
    place_at(tmp_path / "debug" / ".build-id", program, split_off(tmp_path, is_right))
    script = 'mount --bind "$1" /usr/lib/debug; shift; exec "$@"'
    unshare = [need("unshare"), "--mount", "sh", "-euc", script, "sh", tmp_path / "debug"]
    with Process([program]) as process:
        assert found(memmap(*query(), process.pid)) is None
        argv = [*unshare, MEMMAP, *query(), str(process.pid)]
        run = subprocess.run(argv, check=False, capture_output=True, timeout=LIMIT)
        assert found(run) == ("main" if is_right else None)


def serve(tmp_path, program, file):
    """An environment with a debuginfod server, which is a directory."""
    directory = tmp_path / "server" / "buildid" / elf_of(program).build_id
    directory.mkdir(parents=True)
    if file:
        shutil.copy(file, directory / "debuginfo")
    return {**os.environ, "DEBUGINFOD_URLS": f"file://{tmp_path}/server",
            "DEBUGINFOD_CACHE_PATH": str(tmp_path / "cache"), "HOME": str(tmp_path)}


@pytest.mark.parametrize("is_right", [True, False, None], ids=["right", "wrong", "none"])
def test_from_a_server(tmp_path, program, is_right):
    """A server is asked only with --debuginfod, and its file is used only if it is of the same build."""
    environment = serve(tmp_path, program, None if is_right is None else split_off(tmp_path, is_right))
    with Process([program]) as process:
        assert found(memmap(*query(), process.pid, env=environment)) is None
        assert not (tmp_path / "cache").exists()
        run = memmap("--debuginfod", *query(), process.pid, env=environment)
        if run.returncode == 3 and b"debuginfod-absent" in run.stdout:
            missing("libdebuginfod (libdebuginfod1)")
        assert found(run) == ("main" if is_right else None)
        assert (tmp_path / "cache").exists()


def test_more_names_than_others_may_use(tmp_path):
    """A stripped library keeps its exported names; its debug file adds the others."""
    need_root()
    library = tmp_path / "library.so"
    whole = build("library.c", "cc", "-shared", "-fPIC")
    subprocess.run([need("strip"), "-o", library, whole], check=True)
    subprocess.run([need("objcopy"), "--only-keep-debug", whole, tmp_path / "file"], check=True)
    hidden, = (symbol for symbol in symbols_of(whole) if symbol.name == "library_relro")
    place_at(tmp_path / "debug" / ".build-id", library, tmp_path / "file")
    script = 'mount --bind "$1" /usr/lib/debug; shift; exec "$@"'
    argv = [need("unshare"), "--mount", "sh", "-euc", script, "sh", tmp_path / "debug",
            build("load_library.c"), library]
    with Process(argv) as process:
        address = f"library.so:{hidden.value:#x}"
        run = memmap("-J", "--at", address, "--at", "library.so:library_text", process.pid)
        assert run.returncode == 0, run.stderr
        target, = json.loads(run.stdout)["targets"]
        assert [place["symbol"]["name"] for place in target["at"]] == ["library_relro", "library_text"]
