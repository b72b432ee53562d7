# SPDX-License-Identifier: MIT
"""Programs under inspection: built, started, stopped, stripped."""
import atexit
import functools
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from conftest import TESTS, Process, missing, need
from helpers.kernel import can_guard, wait_for_stop
from helpers.tools import LOADER_32, library_package_of

PROGRAMS = TESTS / "programs"
HIDDEN = ("gcc", "-DHIDE_GUARDS")  # stacks as glibc 2.42 makes them, whichever version is installed


@functools.cache
def public_dir():
    """A directory that every user may enter, gone when the tests end."""
    path = Path(tempfile.mkdtemp(prefix="memmap-test-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    path.chmod(0o755)
    return path


def run(*command, **kwargs):
    """What a command prints; it must succeed."""
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **kwargs)
    assert done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


def need_libraries(compiler, *flags):
    """Skip if the C library or the loader that a compiler's programs need is missing; `compiler` is a full path."""
    name, is_static = Path(compiler).name, any(flag.startswith("-static") for flag in flags)
    # A compiler prints the full path only if it has found the file.
    if is_static and run(compiler, "-print-file-name=libc.a") == "libc.a\n":
        missing(f"a static C library for {name} ({library_package_of(name)})")
    if name == "i686-linux-gnu-gcc" and not is_static and not Path(LOADER_32).exists():
        missing(f"{LOADER_32} (libc6-i386)")


@functools.cache
def build(source, compiler="cc", *flags):
    """The program (or library) that a compiler builds from a source in programs/; each is built once per run."""
    assert not compiler.startswith("-"), f"{compiler} stands where a compiler's name does"
    cc = need(compiler)
    need_libraries(cc, *flags)
    if "-DHIDE_GUARDS" in flags and not can_guard():
        missing("MADV_GUARD_INSTALL (Linux 6.13)")
    words = flags if compiler == "cc" else (compiler, *flags)
    path = public_dir() / "-".join([source.removesuffix(".c"), *(re.sub(r"\W", "", word) for word in words)])
    run(cc, "-O0", "-pthread", "-o", path, PROGRAMS / source, *flags)
    return path


def start(source, *args, variant=(), **kwargs):
    """A running program of programs/, to be used in a with statement."""
    return Process([build(source, *variant), *args], **kwargs)


class Stopped:
    """A program that is stopped, with its children, as soon as it has printed a line: two readings of it agree."""

    def __init__(self, *argv, **kwargs):
        self.child = subprocess.Popen(argv, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                                      start_new_session=True, **kwargs)
        self.pid = self.child.pid
        self.line = self.child.stdout.readline().decode()
        if self.line:
            os.killpg(self.pid, signal.SIGSTOP)
            for pid in (self.pid, *self.children()):
                wait_for_stop(pid)
        else:
            self.__exit__()
            raise AssertionError(f"{argv[0]} ended before it was ready")

    def children(self):
        with open(f"/proc/{self.pid}/task/{self.pid}/children", encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.killpg(self.pid, signal.SIGKILL)
        self.child.wait()
        self.child.stdout.close()


def python(code, **kwargs):
    """A stopped python that has run `code`, which may use `mmap`, `ctypes`, `libc` and `os`."""
    before = ("import ctypes, mmap, os, sys, time\nlibc = ctypes.CDLL(None, use_errno=True)\n"
              "ANON = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS\n"
              "def address(m): return ctypes.addressof(ctypes.c_char.from_buffer(m))\nresult = ''\n")
    after = "\nprint(result, flush=True)\ntime.sleep(100000)"
    return Stopped(sys.executable, "-c", before + code + after, **kwargs)


def unique(name):
    """A name that no other process has, even if these tests run twice at once."""
    return f"{name}-{os.getpid()}"


def environment_of_go(**own):
    """An environment in which the Go compiler uses neither the network nor the user's home. If meson has set GOCACHE,
    all test files share what is compiled of Go's standard library."""
    return {"GOCACHE": str(public_dir() / "gocache"), **os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "",
            "GO111MODULE": "off", **own}


def without_sections(source, path):
    """A copy of a file without section headers, as sstrip leaves it: the loader does not read them."""
    data = bytearray(source.read_bytes())
    order = "little" if data[5] == 1 else "big"
    offset, count = ((0x28, 8), 0x3c) if data[4] == 2 else ((0x20, 4), 0x30)
    assert int.from_bytes(data[count:count + 2], order) > 0
    data[offset[0]:sum(offset)] = bytes(offset[1])
    data[count:count + 4] = bytes(4)
    path.write_bytes(data)
    path.chmod(0o755)
    return path


def with_debugdata(whole, path, keep, *options):
    """As Fedora packages files: stripped, with the functions of .symtab in .gnu_debugdata."""
    debug, inner = path.with_suffix(".debug"), path.with_suffix(".mini")
    run(need("objcopy"), "--only-keep-debug", whole, debug)
    run(need("objcopy"), "-S", "--remove-section=.gdb_index", "--remove-section=.comment",
        *(f"--keep-symbol={name}" for name in keep), debug, inner)
    run(need("xz"), "-kf", *options, inner)
    run(need("strip"), "-o", path, whole)
    run(need("objcopy"), f"--add-section=.gnu_debugdata={inner}.xz", path)
    return path
