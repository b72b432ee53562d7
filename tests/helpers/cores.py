# SPDX-License-Identifier: MIT
"""Programs, the core files they leave, and memmap's view of both."""
import resource
import subprocess
from pathlib import Path

from conftest import IS_SANITIZED, LIMIT, Process, memmap_json, missing, need
from helpers.layouts import compiler
from helpers.programs import PROGRAMS, run
from helpers.truth import read_mappings, read_target, read_told


def build_crash(directory, name="gcc", layout="default", *options):
    output = directory / "crash"
    run(*compiler(name, None, layout), "-g", "-O1", "-pthread", *options, "-o", output, PROGRAMS / "crash.c")
    return output


def need_kernel_cores():
    """Skip unless the kernel writes core files to the working directory of the process."""
    if Path("/proc/sys/kernel/core_pattern").read_text(encoding="utf-8").strip() != "core":
        missing("core files in the working directory (kernel.core_pattern=core)")
    need_core_limit()


def need_core_limit(size=resource.RLIM_INFINITY):
    """Skip unless core files may have that size; sudo forbids them, and not every root may raise the limit again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == resource.RLIM_INFINITY or size != resource.RLIM_INFINITY and hard >= size:
        return
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, size))
    except ValueError:
        missing("core files that are not forbidden (ulimit -Hc, which sudo sets to 0)")


def allow_cores():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


class Live:
    """What is known of a process that is about to leave a core file."""

    def __init__(self, process):
        self.pid = process.pid
        self.told = [read_told(line) for line in process.lines]
        self.mappings = read_mappings(process.pid)
        self.tids = {path.joinpath("comm").read_text().strip(): int(path.name)
                     for path in Path(f"/proc/{process.pid}/task").iterdir()}
        self.target, = memmap_json(process.pid)["targets"]
        self.regions, self.modules = read_target(self.target)


def kernel_core(directory, *argv, filter_bits=None, before_end=None):
    """What is known of a process, and the core file that the kernel wrote once the process's input was closed."""
    need_kernel_cores()
    with Process(argv, cwd=directory, preexec_fn=allow_cores) as process:
        if filter_bits is not None:
            Path(f"/proc/{process.pid}/coredump_filter").write_text(hex(filter_bits), encoding="utf-8")
        live = Live(process)
        if before_end:
            before_end(live)
        process.child.stdin.close()
        process.child.wait(LIMIT)
        core, = directory.glob("core*")
        return live, core


def gdb_core(directory, *argv):
    gcore = need("gcore")
    with Process(argv, cwd=directory) as process:
        live = Live(process)
        run(gcore, "-o", directory / "core", str(process.pid), stdin=subprocess.DEVNULL)
        core, = directory.glob("core*")
        return live, core


def limited():
    """Limits memory to far less than the core file claims to have. Sanitizers take terabytes for themselves."""
    if not IS_SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def core_target(core, *args, **kwargs):
    target, = memmap_json(*args, core, **kwargs)["targets"]
    return target
