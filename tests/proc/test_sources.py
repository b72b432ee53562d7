# SPDX-License-Identifier: MIT
"""Which files of /proc/PID memmap opens: the expensive ones only if it needs them, and then once."""
import contextlib
import re
import subprocess
from collections import Counter

import pytest

from conftest import MEMMAP, missing, need
from helpers.kernel import mappings_of
from helpers.programs import start
from helpers.users import UNDER_STRACE

EXPENSIVE = {"maps", "smaps", "smaps_rollup", "pagemap"}


ARENA = 64 << 20  # malloc's arenas begin at multiples of this


def may_hold_arena(pid):
    """Whether memory lies where an arena's heap could begin: memmap then checks whether one does."""
    return any(perms.startswith("rw") and not name and -(-begin // ARENA) * ARENA < end
               for begin, end, perms, name in mappings_of(pid))


@contextlib.contextmanager
def start_plain(*args):
    """A process in which nothing looks like a stack or an arena. Once in several hundred times, the kernel happens to
    put memory where an arena could be: then another process is started."""
    with contextlib.ExitStack() as processes:
        for _ in range(10):
            process = processes.enter_context(start(*args))
            if not may_hold_arena(process.pid):
                break
        assert not may_hold_arena(process.pid)
        yield process


@pytest.fixture(name="process", scope="module")
def fixture_process():
    with start_plain("load_library.c") as process:
        yield process


def opened(process, directory, *options):
    """How often a run that succeeds opens files of each name."""
    strace = need("strace")
    log = directory / "strace"
    trace = [strace, "-qq", "-e", "trace=open,openat,openat2", "-e", "signal=none", "-o", log]
    run = subprocess.run([*trace, MEMMAP, *options, str(process.pid)], check=False, capture_output=True,
                         env=UNDER_STRACE)
    if b"ptrace" in run.stderr:
        missing("the right to trace a program with strace")
    assert (run.returncode, run.stderr) == (0, b"")
    names = re.findall(r'open(?:at2?)?\((?:[^"]*)"([^"]*)"', log.read_text())
    assert names
    # A sanitized build also looks at its own memory.
    return Counter(name.split("/")[-1] for name in names if not name.startswith("/proc/self/"))


@pytest.mark.parametrize(("options", "expected"), [
    ([], {"maps": 1}),
    (["-J"], {"maps": 1, "pagemap": 1}),
    (["-t"], {"maps": 1}),
    (["-e"], {"maps": 1}),
    (["-r", "-o", "START,SIZE,KIND,PAGES,FILE"], {"maps": 1}),
    (["--sort", "-SIZE"], {"maps": 1}),
    (["-s"], {"maps": 1}),
    (["-J", "-x"], {"smaps": 1, "pagemap": 1}),
    (["--output-all"], {"smaps": 1, "pagemap": 1}),
    (["-o", "PSS"], {"smaps": 1, "pagemap": 1}),
    (["--sort", "PSS"], {"smaps": 1, "pagemap": 1}),
    (["-o", "+RSS"], {"maps": 1, "pagemap": 1}),
    (["-o", "+RSS,SWAP", "--sort", "-RSS"], {"maps": 1, "pagemap": 1}),
    (["-s", "-o", "+SWAP"], {"maps": 1, "pagemap": 1}),
    # Only smaps_rollup tells cheaply whether pages were given back with MADV_FREE.
    (["--pages", "-k", "stack"], {"maps": 1, "pagemap": 1, "smaps_rollup": 1}),
], ids=lambda value: " ".join(value) or "none" if isinstance(value, list) else None)
def test_files_of_the_process(process, tmp_path, options, expected):
    count = opened(process, tmp_path, *options)
    assert {name: count[name] for name in EXPENSIVE} == {name: expected.get(name, 0) for name in EXPENSIVE}


@pytest.mark.parametrize(("args", "expected"), [([], 1), (["all"], 0)], ids=["half resident", "all resident"])
@pytest.mark.parametrize("options", [["-x"], ["-X"], ["-o", "+FLAGS"], ["-s", "-x"]], ids=" ".join)
def test_page_map_only_if_needed(tmp_path, options, args, expected):
    """pagemap is not opened if smaps shows that each divided mapping is in memory as a whole, or not at all."""
    with start_plain("half_resident.c", *args) as process:
        count = opened(process, tmp_path, *options)
        assert {name: count[name] for name in EXPENSIVE} == {"maps": 0, "smaps": 1, "smaps_rollup": "-s" in options,
                                                        "pagemap": expected}


@pytest.mark.parametrize(("options", "expected"), [
    ([], 0), (["-x"], 0), (["-s"], 0), (["-e"], 0), (["-J"], 1), (["-t"], 1)],
    ids=lambda value: " ".join(value) or "none" if isinstance(value, list) else None)
def test_threads_of_the_process(process, tmp_path, options, expected):
    """The thread's files of a process with one thread are opened only for options that need them."""
    count = opened(process, tmp_path, *options)
    assert (count["task"], count["syscall"]) == (expected, expected)


@pytest.mark.parametrize("options", [[], ["-x"], ["-s"]], ids=lambda value: " ".join(value) or "none")
def test_what_nobody_needs(process, tmp_path, options):
    """The library that lists processes is loaded only for names, and page flags are read only for --pages."""
    count = opened(process, tmp_path, *options)
    assert not [name for name in count if name.startswith("libproc2") or name in ("kpageflags", "kpagecount")]


def test_nothing_is_done_to_the_process(process, tmp_path):
    """memmap does not stop, trace or write to the process."""
    strace = need("strace")
    log = tmp_path / "strace"
    subprocess.run([strace, "-qq", "-f", "-o", log, MEMMAP, "-JX", "--pages", "-A", "0,", str(process.pid)],
                   check=True, capture_output=True, env=UNDER_STRACE)
    text = log.read_text()
    assert "PAGEMAP_SCAN" in text or "ioctl" in text
    forbidden = "ptrace|kill|tkill|tgkill|pidfd_send_signal|process_vm_writev|process_madvise"
    assert not re.search(rf"\b({forbidden})\(", text)
    assert not re.search(r"O_WRONLY|O_RDWR", re.sub(r"/dev/\w+", "", text))
