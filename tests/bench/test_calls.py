# SPDX-License-Identifier: MIT
"""memmap makes as few system calls as possible, and opens each file once."""
import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from conftest import IS_64_BIT, MEMMAP, Process, memmap, missing, need
from costs import BIG, ENVIRONMENT, SMALL, TARGET, sizes, slope
from helpers.preload import preloaded

SCANS = os.environ.get("BENCH_SCANS", "")  # scans.c, built; meson sets it
CALLS_ON_SMALL_PROCESS = 160  # forty of them by the loader
PAGE = 4096
WRITE = 1 << 14  # bytes: the least that memmap writes at once, except for the last write
FOR_MEMORY = 10  # calls that allocate memory: few, since arrays double

pytestmark = pytest.mark.skipif(not IS_64_BIT, reason="needs a 64-bit system: others make other calls")


@pytest.fixture(name="small", scope="module")
def fixture_small():
    """A process with a single thread and no library but the C library."""
    with Process([TARGET, "threads", "0"]) as process:
        yield process.pid


def watches(lines):
    """Whether a thread does nothing but wait, like the one that watches the reader: how often it wakes up is chance."""
    calls_of_it = {line.split("(")[0] for line in lines}
    return calls_of_it <= {"rseq", "set_robust_list", "rt_sigprocmask", "clock_nanosleep", "futex"}


def calls(directory, *args, env=ENVIRONMENT):
    """The system calls of a run of memmap, one per line, with the paths of file descriptors: first those of its main
    thread, then those of each other that does anything."""
    with tempfile.TemporaryDirectory(dir=directory) as logs:
        trace = [need("strace"), "-ff", "-qq", "-y", "-e", "signal=none", "-o", f"{logs}/of"]
        run = subprocess.run([*trace, MEMMAP, *map(str, args)], check=False, capture_output=True, env=env)
        if b"ptrace" in run.stderr:
            missing("the right to trace a program with strace")
        assert (run.returncode, run.stderr) == (0, b"")
        threads = [path.read_text(errors="replace").splitlines() for path in Path(logs).iterdir()]
    threads.sort(key=lambda lines: not lines or not lines[0].startswith("execve("))
    assert threads[0][0].startswith("execve(") and threads[0][-1].startswith("exit_group(")
    assert sum(map(watches, threads)) <= 1
    return sum((lines for lines in threads if not watches(lines)), [])


def opened(lines):
    """How often each path was opened for reading."""
    matches = (re.match(r"open(?:at2?)?\(.* = \d+<(.*)>$", line) for line in lines if "O_PATH" not in line)
    return Counter(match[1] for match in matches if match)


def spelled(options):
    return " ".join(options) or "none"


def text_size(pid, name):
    return len(Path(f"/proc/{pid}/{name}").read_bytes())


def files_of(pid):
    fields = (line.split(maxsplit=5) for line in Path(f"/proc/{pid}/maps").read_text().splitlines())
    return {field[5] for field in fields if len(field) > 5 and field[5].startswith("/")}


def test_small_process(small, tmp_path):
    assert len(calls(tmp_path, small)) <= CALLS_ON_SMALL_PROCESS


def test_locale(small, tmp_path):
    """memmap loads the user's locale only if it needs the character set: for pictures, and names that are not ASCII."""
    environment = {**ENVIRONMENT, "LC_ALL": "C.UTF-8", "TERM": "xterm"}
    assert not [line for line in calls(tmp_path, small, env=environment) if "/locale" in line]
    assert [line for line in calls(tmp_path, "-l", small, env=environment) if "/locale" in line]


@pytest.mark.parametrize("mode", ["untouched", "files", "mixed"])
@pytest.mark.parametrize("options", [[], ["-x"], ["-o", "+RSS"]], ids=spelled)
def test_large_process(tmp_path, options, mode):
    """More mappings cost only the calls that read their text, in pages of whole records, and that write the rows."""
    path = tmp_path / "file"
    path.write_bytes(bytes(PAGE))
    with sizes(mode, *([path] if mode != "untouched" else [])) as pids:
        small, big = (len(calls(tmp_path, *options, pid)) for pid in pids)
        record = slope(*(text_size(pid, "smaps" if "-x" in options else "maps") for pid in pids))
        row = slope(*(len(memmap(*options, pid).stdout) for pid in pids))
    assert slope(small, big) <= 1 / (PAGE // record) + row / WRITE + FOR_MEMORY / (BIG - SMALL)


# strace before 6.7 prints the number of PAGEMAP_SCAN.
SCAN, PAUSE = r"ioctl\(.*, (?:0x66, 0x10, |PAGEMAP_SCAN)", r"(?:clock_)?nanosleep\("


def test_pauses_between_scans(tmp_path):
    """During a scan of the page map the target cannot change its map: memmap pauses between scans of a large one."""
    with sizes("untouched") as (_, big):
        lines = calls(tmp_path, "-o", "+RSS", big)
    kinds = ["scan" if re.match(SCAN, line) else "pause" for line in lines if re.match(f"{SCAN}|{PAUSE}", line)]
    assert kinds.count("scan") >= 2, lines
    assert kinds[0] == kinds[-1] == "scan" and "pause" in kinds


AT_ONCE = 256 << 20  # bytes that one scan may find
HOLE, RESIDENT = 4 << 30, 300 << 20
STACK = 1 << 20  # part of RESIDENT (target.c)
OTHERS = 8 << 20  # bytes: more than the rest of the process has


def scanned(directory, *args):
    """How many bytes each scan of the page map found in a run of memmap, and None for each pause."""
    log = directory / "scans"
    # To the loader a blank in LD_PRELOAD ends the path.
    library = shutil.copy(SCANS, directory / "scans.so")
    run = memmap(*args, env={**ENVIRONMENT, **preloaded(library), "SCANS": str(log)})
    assert (run.returncode, run.stderr) == (0, b"")
    lines = log.read_text().splitlines()
    if set(lines) <= {"refused", "pause"}:
        missing("PAGEMAP_SCAN (Linux 6.7)")
    return [None if line == "pause" else int(line) for line in lines if line != "refused"]


@pytest.mark.parametrize("options", [["-o", "+RSS"], ["-x"], ["--pages", "-k", "anon"]], ids=spelled)
def test_size_of_scans(tmp_path, options):
    """No scan finds too many pages, not even behind a large hole: meanwhile the target cannot change its map."""
    with Process([TARGET, "sparse", str(HOLE), str(RESIDENT)]) as process:
        found = scanned(tmp_path, *options, process.pid)
    assert max(size for size in found if size is not None) <= AT_ONCE
    # Two scans without a pause between them count as one.
    runs = [sum(run) for is_pause, run in groupby(found, lambda size: size is None) if not is_pause]
    assert max(runs) <= AT_ONCE + OTHERS
    # What one scan has no room for, the next one finds.
    assert sum(runs) >= RESIDENT - STACK


def test_arenas_are_not_looked_for_one_by_one(tmp_path):
    """An arena may begin at every 64 MiB of a large mapping: memmap asks the kernel about many places in one call."""
    with Process([TARGET, "sparse", str(HOLE), str(RESIDENT)]) as process:
        lines = calls(tmp_path, process.pid)
    if not any(re.match(r"move_pages\(.* = 0$", line) for line in lines):
        missing("move_pages(2), which containers may refuse")
    looks = [line for line in lines if line.startswith("pread64(") and "/pagemap>" in line]
    # One look at each resident place, and a few at the rest of the process.
    assert len(looks) <= RESIDENT // (64 << 20) + 1 + 8 < HOLE // (64 << 20)


@pytest.mark.parametrize("options", [[], ["-x"], ["-t"], ["-J"]], ids=spelled)
def test_each_file_once(small, tmp_path, options):
    count = opened(calls(tmp_path, *options, small))
    files = files_of(small)
    assert count[str(Path(TARGET).resolve())] == 1
    # The loader also opens the libraries that memmap itself is linked with.
    own = opened(calls(tmp_path, "--version"))
    assert not {path: count[path] for path in files if count[path] > 1 + own[path]}
    assert not [path for path in count if count[path] > 2 and path.startswith(f"/proc/{small}/")]


def looks_into(lines, pid):
    """How often the memory of a process was read."""
    return sum(line.startswith("pread64(") and f"</proc/{pid}/mem>" in line for line in lines)


def test_memory_of_threads_only(small, tmp_path):
    """memmap reads no memory of a process with one thread; of more, it reads each one's block, and its TID again."""
    assert looks_into(calls(tmp_path, small), small) == 0
    with Process([TARGET, "threads", "2"]) as few, Process([TARGET, "threads", "40"]) as many:
        assert 0 < looks_into(calls(tmp_path, few.pid), few.pid)
        assert looks_into(calls(tmp_path, many.pid), many.pid) <= 2 * 41


def test_library_for_names_only(tmp_path):
    """The only runs that need libproc2 are those that look for a process by its name."""
    comm = f"named-{os.getpid()}"
    program = tmp_path / comm
    program.symlink_to(TARGET)
    with Process([program, "threads", "0"]) as process:
        by_name, by_pid = (opened(calls(tmp_path, target)) for target in (comm, process.pid))
    # A static build never loads libproc2.
    assert any("libproc2" in path for path in by_name) == (b"libproc2.so" in Path(MEMMAP).read_bytes())
    assert not any("libproc2" in path for path in by_pid)
