# SPDX-License-Identifier: MIT
"""Of what a process names, memmap opens only regular files: nothing that acts when it is opened or read."""
import os
import shutil
import subprocess

import pytest

from conftest import Process, need
from helpers.opened import assert_plain
from helpers.programs import build, public_dir
from helpers.readelf import elf_of, symbols_of
from helpers.users import NOBODY, as_nobody, need_root

VIEWS = [[], ["-x"], ["-X"], ["-s"], ["-m"], ["-m", "--output-all"], ["-S"], ["-t"], ["-e"], ["-J"], ["--output-all"],
         ["--pages", "-k", "stack"], ["--at", "main"], ["-J", "--at", "main"], ["--heap"], ["--blocks"], ["--leaks"],
         ["--heap", "--stop"], ["--check"], ["--shared"], ["--layout"], ["--svg"]]


def spelled(options):
    return " ".join(options) or "none"


@pytest.fixture(name="acting", scope="module", params=["fifo", "procfs", "sysfs"])
def fixture_acting(request):
    """A file that acts or blocks when it is opened or read."""
    if request.param == "procfs":
        return "/proc/version"
    if request.param == "sysfs":
        return "/sys/kernel/uevent_seqnum"
    path = public_dir() / "opening-fifo"
    if not path.exists():
        os.mkfifo(path)
    return path


@pytest.fixture(name="deceiver", scope="module")
def fixture_deceiver(acting):
    """A process whose library was removed, with symbolic links where maps says that the library is. Since its main
    thread has ended, the library itself is out of reach."""
    need_root()
    directory = public_dir() / f"deceiver-{os.path.basename(acting)}"
    directory.mkdir()
    library = shutil.copy(build("library.c", "cc", "-shared", "-fPIC"), directory)
    with as_nobody(build("two_threads.c"), "first-ends", library) as process:
        os.unlink(library)
        os.symlink(acting, f"{library} (deleted)")
        os.symlink(acting, library)
        yield process


@pytest.mark.parametrize("options", VIEWS, ids=spelled)
def test_symbolic_links(tmp_path, deceiver, options):
    assert_plain(tmp_path, deceiver.pid, *options)


@pytest.mark.parametrize("options", [[], ["-S"], ["--check"], ["--heap"]], ids=spelled)
def test_symbolic_links_of_one_among_all(tmp_path, deceiver, options):
    assert_plain(tmp_path, deceiver.pid, *options, target=["--all", "--user", NOBODY])


@pytest.mark.parametrize("options", VIEWS, ids=spelled)
def test_ordinary_process(tmp_path, options):
    with Process([build("kinds.c")]) as process:
        done = assert_plain(tmp_path, process.pid, *options)
    # --shared also reads other processes, which may end meanwhile.
    assert done.returncode in {"--check": [4], "--shared": [0, 3]}.get(" ".join(options), [0]), done.stderr


@pytest.mark.parametrize("name", ["version", "kmsg"])
def test_debug_file_in_the_root_of_the_process(tmp_path, name):
    """memmap does not open a container's debug file if it is a link into the container's procfs."""
    need_root()
    root = tmp_path / "root"
    (root / "proc").mkdir(parents=True)
    program = root / "program"
    subprocess.run([need("strip"), "-o", program, build("kinds.c", "cc", "-static")], check=True)
    build_id = elf_of(program).build_id
    debug = root / "usr/lib/debug/.build-id" / build_id[:2] / f"{build_id[2:]}.debug"
    debug.parent.mkdir(parents=True)
    debug.symlink_to(f"/proc/{name}")
    main, = (symbol.value for symbol in symbols_of(build("kinds.c", "cc", "-static")) if symbol.name == "main")
    script = 'mount -t proc proc "$1/proc"; exec chroot "$1" /program'
    with Process([need("unshare"), "--mount", "sh", "-euc", script, "sh", root]) as process:
        run = assert_plain(tmp_path, process.pid, "-J", "--at", f"program:{main:#x}",
                           also=[program])
        assert run.returncode == 0, run.stderr
