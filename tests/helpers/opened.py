# SPDX-License-Identifier: MIT
"""What memmap opens, seen from outside: by its system calls, each with the file that it led to."""
import os
import re
import subprocess

from conftest import LIMIT, MEMMAP, missing, need
from helpers.kernel import mappings_of
from helpers.users import UNDER_STRACE

# The system's own, which no user can put anything into; and what the kernel has about the process.
TRUSTED = r"/etc/|/usr/lib|/usr/share/|/lib|/usr/local/lib|/dev/(?:null|urandom|pts/)|/proc$|/proc/self/|" \
    r"/proc/sys/|/proc/(?:kpageflags|loadavg|uptime|filesystems|meminfo|stat|cpuinfo)$|/sys/devices/system/"
OPEN = re.compile(r'(?:open|openat|openat2)\((.*)\) += (-?\d+)(?:<(.*?)>(?:\(deleted\))?$)?')
# The directory of a process that has ended is deleted, for strace.
PLACE = re.compile(r'(?:(?:AT_FDCWD|\d+)<(.*?)>(?:\(deleted\))?, )?"(.*?)"')


def joined(lines):
    """(NUMBER, CALL) of each call; strace divides those during which another thread makes one."""
    begun = {}
    for number, line in lines:
        end = re.match(r"<\.\.\. \w+ resumed>(.*)", line)
        if line.endswith("<unfinished ...>"):
            begun[number] = line.removesuffix("<unfinished ...>")
        else:
            yield number, begun.pop(number) + end[1] if end else line
    yield from begun.items()


def trace(directory, *argv):
    """The lines of system calls that may open a file, the run of a command, and the numbers of its processes."""
    log = directory / "strace"
    command = [need("strace"), "-f", "-qq", "-y", "-s", "4096", "-e", "trace=open,openat,openat2,mmap", "-e",
               "signal=none", "-o", log, *map(str, argv)]
    run = subprocess.run(command, check=False, capture_output=True, env=UNDER_STRACE, timeout=LIMIT)
    if b"ptrace" in run.stderr:
        missing("the right to trace a program with strace")
    lines = list(joined(line.split(maxsplit=1) for line in log.read_text(errors="replace").splitlines()))
    return [line for _, line in lines], run, {number for number, _ in lines}


def opened(lines):
    """The files that were opened to be read, rather than found (O_PATH); or could not be, though there is one."""
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
    """The files that were mapped, not by the loader."""
    return {match[1] for match in (re.search(r"^mmap\(.*MAP_\w+, \d+<(.*?)>", line) for line in lines) if match}


def living_thread(pid):
    """When the main thread has ended, maps of the process is empty."""
    return next(f"{pid}/task/{tid}" for tid in os.listdir(f"/proc/{pid}/task") if mappings_of(f"{pid}/task/{tid}"))


def assert_plain(directory, pid, *options, also=(), target=None):
    """A run on a process opens what it has mapped, what /proc has about it, and the system's own: nothing else. What
    anybody may cut short it does not map. `target`: options that select it alone."""
    allowed = {os.fsdecode(name) for _, _, _, name in mappings_of(living_thread(pid)) if name.startswith(b"/")}
    allowed |= {os.path.realpath(MEMMAP), *map(str, also)}
    lines, run, own = trace(directory, MEMMAP, *options, *(target or [pid]))
    sees_others = target or "--shared" in options
    for path in opened(lines):
        processes = (f"/proc/{number}/" for number in own | {pid})
        is_ours = path in allowed or path.startswith((*processes, f"/proc/{pid}", "/memfd:", "pipe:", "anon_inode:"))
        is_others = sees_others and re.match(r"/proc/\d+(?:/|$)", path)
        assert is_ours or is_others or re.match(TRUSTED, path), (path, lines)
    assert not [path for path in mapped(lines) if path in allowed and not re.match(TRUSTED, path)]
    return run
