# SPDX-License-Identifier: MIT
"""Readers with more or fewer rights: root, nobody, and users who may not read memory."""
import contextlib
import functools
import json
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

from conftest import LIMIT, MEMMAP, Process, missing, need, refused, wait_until
from helpers.programs import public_dir

# A user without rights and without processes: the real nobody may have some, and so may the user of another test run.
NOBODY = 65533 - os.getpid() % 1000
CAP_SYS_PTRACE, CAP_SYS_ADMIN = 19, 21
# A sanitized build that is traced cannot look for leaks.
UNDER_STRACE = {**os.environ, "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


def own_capabilities():
    """The effective capabilities of this process, as bits."""
    return int(re.search(r"CapEff:\t(\w+)", Path("/proc/self/status").read_text())[1], 16)


def need_root():
    """Skip unless root may read any process and may mount: most containers forbid one of the two."""
    needed = 1 << CAP_SYS_PTRACE | 1 << CAP_SYS_ADMIN
    if os.geteuid() != 0 or own_capabilities() & needed != needed:
        refused("root with CAP_SYS_PTRACE and CAP_SYS_ADMIN")


def need_whole_root():
    """Skip unless root's root directory is that of its mount namespace. In a chroot, the kernel names files mapped in
    another mount namespace by paths that begin above the chroot."""
    need_root()
    stat = [need("stat"), "-L", "-c", "%d:%i", "/"]
    roots = [subprocess.run(argv, check=False, capture_output=True).stdout
             for argv in (stat, [need("nsenter"), "--mount=/proc/self/ns/mnt", *stat])]
    if roots[0] != roots[1]:
        missing("a root directory that is no chroot")


def takes_name(lock, name):
    """Give a socket an abstract name; false if another socket in this network namespace has it."""
    try:
        lock.bind(f"\0{name}")
    except OSError:
        return False
    return True


@contextlib.contextmanager
def huge_pages(n):
    """Reserve n more hugetlb pages for a with statement. Other tests wait: all share the machine's one number."""
    need_root()
    count = Path("/proc/sys/vm/nr_hugepages")
    with socket.socket(socket.AF_UNIX) as lock:
        wait_until(lambda: takes_name(lock, "memmap-test-huge-pages"), "the end of other tests with huge pages")
        before = count.read_text()
        try:
            count.write_text(str(int(before) + n))
            if int(count.read_text()) < int(before) + n:
                missing(f"{n} free hugetlb pages")
            yield
        finally:
            count.write_text(before)


def need_memory():
    """Skip without the right to read the memory of a process that is not a child; Yama gives it only to root."""
    scope = Path("/proc/sys/kernel/yama/ptrace_scope")
    if scope.exists() and scope.read_text() != "0\n" and not own_capabilities() & 1 << CAP_SYS_PTRACE:
        refused("the right to read memory (root, or kernel.yama.ptrace_scope=0)")


def sees_nameless_files():
    """Whether the links in /proc/PID/map_files may be followed: nothing else leads to a deleted file or a memfd."""
    try:
        return any(entry.stat() for entry in os.scandir("/proc/self/map_files"))
    except PermissionError:
        return False


def as_user(number, *argv):
    """A running program that belongs to that user; the caller must be root."""
    return Process(argv, user=number, group=number, extra_groups=[])


def as_nobody(*argv):
    """A running program that belongs to a user without rights; the caller must be root."""
    return as_user(NOBODY, *argv)


def setpriv(*capabilities):
    """The beginning of a command that runs another as NOBODY, with these capabilities and no others."""
    argv = [need("setpriv"), "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    if capabilities:
        wanted = ",".join(f"+{capability}" for capability in capabilities)
        argv += ["--inh-caps", wanted, "--ambient-caps", wanted]
    return [*argv, "--"]


@functools.cache
def public_memmap():
    """A copy of memmap that other users can run, wherever the build directory is."""
    return shutil.copy(MEMMAP, public_dir() / "memmap")


def memmap_as_nobody(*args, capabilities=()):
    """Run memmap with no rights but these capabilities; the caller must be root."""
    argv = [*setpriv(*capabilities), public_memmap(), *map(str, args)]
    return subprocess.run(argv, check=False, capture_output=True, timeout=LIMIT)


# Refuses, by other means, what Yama refuses to all but a parent: for kernels without Yama.
REFUSE = """
for file in /proc/{pid}/mem /proc/{pid}/task/*/mem /proc/{pid}/task/*/syscall; do
    mount --bind {refused} $file || exit 9
done
exec "$@"
"""


def document_without_memory(process):
    """What memmap shows to a reader that is the process's user, NOBODY, but may not read its memory."""
    refused = public_dir() / "refused"
    refused.touch(mode=0)
    script = REFUSE.format(pid=process.pid, refused=refused)
    done = subprocess.run([need("unshare"), "--mount", "sh", "-c", script, "sh", *setpriv(), public_memmap(),
                           "--json", str(process.pid)], check=False, capture_output=True, timeout=LIMIT)
    assert done.returncode in (0, 3), done.stderr
    return json.loads(done.stdout)
