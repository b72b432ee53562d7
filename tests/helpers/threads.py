# SPDX-License-Identifier: MIT
"""Programs that tell where their threads' stacks and heaps are (see told.h), and what memmap says of them."""
import atexit
import functools
import json
import mmap
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import NamedTuple

from conftest import LIMIT, Process, memmap, memmap_json, missing, need, refused
from helpers.documents import (CAP_SYS_PTRACE, NOBODY, PROGRAMS, UNDER_STRACE, assert_sound, ends, public_memmap,
                               raw_rows, setpriv)
from helpers.tools import LOADER_32, library_package_of

PAGE = 4096


class Stack(NamedTuple):
    """A thread's stack, as the C library has it."""
    tid: int
    start: int
    end: int
    guard: int
    local: int
    control: int
    what: str


class Heap(NamedTuple):
    """An address that malloc() gave to a thread."""
    tid: int
    address: int
    what: str


@functools.cache
def directory():
    """A directory that every user may enter, gone when the tests end."""
    path = Path(tempfile.mkdtemp(prefix="memmap-test-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    path.chmod(0o755)
    return path


def run(command, **kwargs):
    done = subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          **kwargs)
    assert done.returncode == 0, f"{command}: {done.stdout}"
    return done.stdout


@functools.cache
def build(source, compiler="gcc", *flags):
    """The program that a compiler makes of a C source here."""
    cc = need(compiler)
    # A compiler names the file's full path only where it has found it.
    if "-static" in flags and run([cc, "-print-file-name=libc.a"]) == "libc.a\n":
        missing(f"a static C library for {compiler} ({library_package_of(compiler)})")
    if compiler.startswith("i686") and "-static" not in flags and not Path(LOADER_32).exists():
        missing(f"{LOADER_32} (libc6-i386)")
    name = "-".join([source.removesuffix(".c"), compiler, *(re.sub(r"\W", "", flag) for flag in flags)])
    run([cc, "-O1", "-pthread", "-o", directory() / name, PROGRAMS / source, *flags])
    return directory() / name


HIDDEN = ("gcc", "-DHIDE_GUARDS")  # stacks as glibc 2.42 makes them, whichever is installed


def need_hidden_guards():
    """MADV_GUARD_INSTALL, and a page map that shows its guards."""
    memory = mmap.mmap(-1, PAGE)
    try:
        memory.madvise(102)
    except OSError:
        missing("MADV_GUARD_INSTALL (Linux 6.13)")
    memory.close()


def environment_of_go(**own):
    return {**os.environ, "GOCACHE": str(directory() / "gocache"), "GOTOOLCHAIN": "local", "GOFLAGS": "",
            "GO111MODULE": "off", **own}


def start(source, *args, variant=("gcc",), **kwargs):
    """A running program of this directory, to be used in a with statement."""
    if variant == HIDDEN:
        need_hidden_guards()
    return Process([build(source, *variant), *args], **kwargs)


def told(process, sort=Stack):
    """What a program has told of its stacks, or of its heaps."""
    tag = sort.__name__.lower()
    lines = [line.split(" ", len(sort._fields)) for line in process.lines if line.startswith(f"{tag} ")]
    return [sort(*(field if name == "what" else int(field, 0) for name, field in zip(sort._fields, line[1:])))
            for line in lines]


def need_memory():
    """Leave to read the memory of a process that is not one's child, which Yama gives to root alone."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    effective = int(re.search(r"CapEff:\t(\w+)", Path("/proc/self/status").read_text())[1], 16)
    if scope.exists() and scope.read_text() != "0\n" and not effective & 1 << CAP_SYS_PTRACE:
        refused("leave to read memory (root, or kernel.yama.ptrace_scope=0)")


def target_of(pid):
    """The one target of the document that `memmap --json PID` prints, sound in itself."""
    need_memory()
    return sound(memmap_json(pid)["targets"][0])


READINGS = 5  # of a process that may be just beginning
SETTLES = 50  # readings in which the threads of a run-time system have settled


def state_of(pid):
    """Its map and its threads."""
    return Path(f"/proc/{pid}/maps").read_bytes(), sorted(os.listdir(f"/proc/{pid}/task"))


def quiet_target_of(pid):
    """The same, of a process that stays as it is: the table then says the same."""
    for _ in range(READINGS):
        before = state_of(pid)
        target = target_of(pid)
        kinds = [[region["start"][2:], region["end"][2:], region["kind"]] for region in target["regions"]]
        rows = raw_rows(memmap("-rn", "-o", "START,END,KIND", pid).stdout)
        if before == state_of(pid):
            break
    assert rows == kinds
    return target


def has_hidden_guard(pid, stack):
    """Whether the page below a stack is a guard that leaves no mapping: bit 58 of its word in the page map."""
    with open(f"/proc/{pid}/pagemap", "rb") as pagemap:
        pagemap.seek((stack.start // PAGE - 1) * 8)
        return bool(int.from_bytes(pagemap.read(8), "little") & 1 << 58)


def sound(target):
    """What holds of every target: what the kernel maps by itself is no stack, and stacks do not overlap."""
    assert_sound(target)
    assert_no_overlap(target)
    for region in target["regions"]:
        assert (region["name"] or "")[:2] != "[v" or region["kind"] == "vdso", region
        assert region["kind"] not in ("stack", "heap") or region["perms"][:2] == "rw", region
    return target


def ranges_of(target):
    """(start, end, thread) of each thread whose stack is told."""
    return [(int(thread["stack_start"], 16), int(thread["stack_end"], 16), thread)
            for thread in target["threads"] if thread["stack_start"] is not None]


def assert_no_overlap(target):
    last = 0
    for begin, end, thread in sorted(ranges_of(target), key=lambda item: item[0]):
        assert last <= begin < end, thread
        if thread["used"] is not None:
            assert 0 <= thread["used"] <= end - begin, thread
        last = end


def thread_of(target, tid):
    thread, = (thread for thread in target["threads"] if thread["tid"] == tid)
    return thread


def range_of(target, tid):
    """Where the stack of a thread is, or None."""
    thread = thread_of(target, tid)
    if thread["stack_start"] is None:
        assert thread["stack_end"] is thread["used"] is thread["guard"] is None, thread
        return None
    return int(thread["stack_start"], 16), int(thread["stack_end"], 16)


def parts(target, begin, end):
    """The regions in a range, cut to it; together they cover all of it."""
    found = [region for region in target["regions"] if ends(region)[0] < end and ends(region)[1] > begin]
    assert sum(min(ends(region)[1], end) - max(ends(region)[0], begin) for region in found) == end - begin
    return found


def region_with(target, address):
    region, = parts(target, address, address + 1)
    return region


def is_arena(region):
    """A heap, or room for one, that is not the one heap which the kernel names."""
    return region["basis"] in ("thread", "pattern") and region["kind"] in ("heap", "reserved")


def tids_of(process):
    return sorted(int(path.name) for path in Path(f"/proc/{process.pid}/task").iterdir())


def assert_threads(process, target):
    """All threads of a process are listed, in order, and no others."""
    assert [thread["tid"] for thread in target["threads"]] == tids_of(process)


def settled_target_of(process):
    """A run-time system may begin a thread at any time: read until none came meanwhile."""
    for _ in range(SETTLES):
        before = tids_of(process)
        target = quiet_target_of(process.pid)
        if before == tids_of(process):
            return target
    raise AssertionError(f"threads came or went in each of {SETTLES} readings: {before}, {tids_of(process)}")


# ---- a reader who may list memory, but not read it ----

# What Yama refuses to anybody but a parent, refused by other means, for kernels without it.
REFUSE = """
for file in /proc/{pid}/mem /proc/{pid}/task/*/mem /proc/{pid}/task/*/syscall; do
    mount --bind {refused} $file || exit 9
done
exec "$@"
"""


def start_as_nobody(source, *args, variant=("gcc",)):
    return start(source, *args, variant=variant, user=NOBODY, group=NOBODY, extra_groups=[])


def target_without_memory(process):
    """What a reader with the rights of the process's user, but none to its memory, is shown."""
    refused = directory() / "refused"
    refused.touch(mode=0)
    script = REFUSE.format(pid=process.pid, refused=refused)
    # It takes no file to read memory by process_vm_readv(2).
    strace = [need("strace"), "-f", "-qq", "-o", os.devnull, "-e", "trace=process_vm_readv",
              "-e", "inject=process_vm_readv:error=EPERM"]
    done = subprocess.run([need("unshare"), "--mount", "sh", "-c", script, "sh", *strace, *setpriv(), public_memmap(),
                           "--json", str(process.pid)], check=False, capture_output=True, timeout=LIMIT, env=UNDER_STRACE)
    if b"ptrace" in done.stderr:
        missing("the right to trace a program with strace")
    assert done.returncode in (0, 3), done.stderr
    target, = json.loads(done.stdout)["targets"]
    assert all(thread["sp"] is None for thread in target["threads"])
    return sound(target)
