# SPDX-License-Identifier: MIT
"""What memmap opens, seen from outside: its system calls, each with the file that it opened."""
import os
import re
import subprocess

from conftest import LIMIT, MEMMAP, missing, need
from helpers.kernel import mappings_of
from helpers.users import UNDER_STRACE

# The system's own files, to which users cannot write, and what the kernel says about itself and about memmap.
TRUSTED = r"/etc/|/usr/lib|/usr/share/|/lib|/usr/local/lib|/dev/(?:null|urandom|pts/)|/proc$|/proc/self/|" \
    r"/proc/sys/|/proc/(?:kpageflags|loadavg|uptime|filesystems|meminfo|stat|cpuinfo)$|/sys/devices/system/"
OPEN = re.compile(r'(?:open|openat|openat2)\((.*)\) += (-?\d+)(?:<(.*?)>(?:\(deleted\))?$)?')
# strace marks the directory of a process that has ended as deleted.
PLACE = re.compile(r'(?:(?:AT_FDCWD|\d+)<(.*?)>(?:\(deleted\))?, )?"(.*?)"')


def joined(lines):
    """(process ID, CALL) of each call; strace splits a call if another thread makes one meanwhile."""
    begun = {}
    for number, line in lines:
        end = re.match(r"<\.\.\. \w+ resumed>(.*)", line)
        if line.endswith("<unfinished ...>"):
            begun[number] = line.removesuffix("<unfinished ...>")
        else:
            yield number, begun.pop(number) + end[1] if end else line
    yield from begun.items()


def trace(directory, *argv):
    """Trace a command: the lines of system calls that may open a file, the finished run, and the process IDs."""
    log = directory / "strace"
    command = [need("strace"), "-f", "-qq", "-y", "-s", "4096", "-e", "trace=open,openat,openat2,mmap", "-e",
               "signal=none", "-o", log, *map(str, argv)]
    run = subprocess.run(command, check=False, capture_output=True, env=UNDER_STRACE, timeout=LIMIT)
    if b"ptrace" in run.stderr:
        missing("the right to trace a program with strace")
    lines = list(joined(line.split(maxsplit=1) for line in log.read_text(errors="replace").splitlines()))
    return [line for _, line in lines], run, {number for number, _ in lines}


def opened(lines):
    """The files that were opened for reading, not just found (O_PATH), and those that exist but could not be opened."""
    for line in lines:
        match = OPEN.match(line)
        if not match:
            assert not line.startswith("open"), line
            continue
        arguments, number, path = match.groups()
        if "O_PATH" in arguments or "ENOENT" in line:
            continue
        yield path if int(number) >= 0 else os.path.join(*(part or "" for part in PLACE.match(arguments).groups()))


def mapped(lines):
    """The files that were mapped."""
    return {match[1] for match in (re.search(r"^mmap\(.*MAP_\w+, \d+<(.*?)>", line) for line in lines) if match}


def living_thread(pid):
    """A thread whose maps file is not empty: that of the process is, once the main thread has ended."""
    return next(f"{pid}/task/{tid}" for tid in os.listdir(f"/proc/{pid}/task") if mappings_of(f"{pid}/task/{tid}"))


def assert_plain(directory, pid, *options, also=(), target=None):
    """A run on a process opens only the files that the process has mapped, its files in /proc, and the system's files.
    It does not map files that others may truncate. `target`: options that select this process alone."""
    allowed = {os.fsdecode(name) for _, _, _, name in mappings_of(living_thread(pid)) if name.startswith(b"/")}
    allowed |= {os.path.realpath(MEMMAP), *map(str, also)}
    lines, run, own = trace(directory, MEMMAP, *options, *(target or [pid]))
    sees_others = target or "--shared" in options
    for path in opened(lines):
        processes = (f"/proc/{number}/" for number in own | {pid})
        is_ours = path in allowed or path.startswith((*processes, f"/proc/{pid}", "/memfd:", "pipe:", "anon_inode:"))
        # statm of the parent shows whether the kernel can compare its memory.
        is_others = re.fullmatch(r"/proc/\d+/statm", path) or sees_others and re.match(r"/proc/\d+(?:/|$)", path)
        assert is_ours or is_others or re.match(TRUSTED, path), (path, lines)
    assert not [path for path in mapped(lines) if path in allowed and not re.match(TRUSTED, path)]
    return run
