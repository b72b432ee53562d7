# SPDX-License-Identifier: MIT
"""Running programs with one fault each, which is found, and programs without a fault, in which nothing is found."""
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from conftest import LIMIT, MEMMAP, Process, memmap, need, refused
from helpers.cores import kernel_core
from helpers.findings import codes, findings, found
from helpers.programs import build, start
from helpers.users import UNDER_STRACE, sees_nameless_files

HARD = ("-fPIE", "-pie", "-Wl,-z,relro,-z,now")
COMPILERS = pytest.mark.parametrize("compiler", ["gcc", "clang", "musl-gcc"])

# What a program does, and what is found then.
FAULTS = {
    "writable-code": ("writable-code", "error"),
    "known-code": ("writable-code", "error"),
    "empty-code": ("writable-code", "warning"),
    "secret-code": ("writable-code", "error"),
    "twice": ("writable-code", "error"),
    "jit": ("jit-memory", "note"),
    "jit-twice": ("jit-memory", "note"),
    "empty-twice": ("writable-code", "warning"),
    "part-twice": ("writable-code", "error"),
    "memfd": ("memfd-code", "warning"),
    "jit-memfd": ("jit-memory", "note"),
    "stack": ("executable-stack", "error"),
    "heap": ("executable-heap", "error"),
    "relro": ("relro-writable", "error"),
    "text": ("text-written", "error"),
    "breakpoint": ("breakpoints", "note"),
    "no-guard": ("no-stack-guard", "warning"),
    "deep": ("stack-nearly-full", "warning"),
}
# Where musl differs from glibc: a large malloc() block is a separate mapping, and a stack without a guard looks like
# any other memory.
WITH_MUSL = {"heap": ("writable-code", "warning"), "no-guard": None}


def faulty(compiler, fault, *flags):
    return start("faults.c", fault, variant=(compiler, *HARD, *flags))


@COMPILERS
@pytest.mark.parametrize("fault", FAULTS)
def test_planted_fault(compiler, fault):
    expected = WITH_MUSL.get(fault, FAULTS[fault]) if compiler == "musl-gcc" else FAULTS[fault]
    with faulty(compiler, fault) as process:
        there = [(finding["code"], finding["severity"]) for finding in findings(process.pid)]
    assert there == ([expected] if expected else [])


@pytest.mark.parametrize("fault", ["written-twice", "written-once"])
def test_code_that_was_written_to_the_file(fault):
    """The code is found even if the process has touched no page of it: the file shows it, if memmap may open it."""
    with faulty("gcc", fault) as process:
        finding = found("writable-code", process.pid)
    assert "nothing in it" not in finding["text"]
    assert finding["severity"] == ("error" if sees_nameless_files() else "warning")
    assert ("could not be read" in finding["text"]) == (not sees_nameless_files())


def test_code_in_an_empty_file():
    with faulty("gcc", "empty-twice") as process:
        text = found("writable-code", process.pid)["text"]
    assert ("with nothing in it yet" if sees_nameless_files() else "could not be read") in text


def test_memfd_is_chosen_alone():
    with faulty("gcc", "memfd") as single, faulty("gcc", "twice") as twice:
        assert codes("--check=memfd-code", single.pid) == {"memfd-code"}
        assert codes("--check=memfd-code", twice.pid) == set()


@COMPILERS
@pytest.mark.parametrize("fault", ["none", "thread", "jit-well", "same-text"])
def test_faultless_twin(compiler, fault):
    with faulty(compiler, fault) as process:
        assert findings(process.pid, status=0) == []


def test_exit_status():
    """By default, warnings and errors set the exit status; with --severity, findings at least that severe."""
    with faulty("gcc", "jit") as jit, faulty("gcc", "deep") as deep, faulty("gcc", "none") as none:
        assert memmap("--check", jit.pid).returncode == 0
        assert memmap("--check", "--severity=note", jit.pid).returncode == 4
        assert memmap("--check", deep.pid).returncode == 4
        assert memmap("--check", "--severity=error", deep.pid).returncode == 0
        assert memmap("--check", none.pid, deep.pid).returncode == 4
        assert memmap("--check", deep.pid, "no-such-process").returncode == 1
        assert memmap("--check", "--severity=low", deep.pid).returncode == 2


def test_choice_of_checks():
    with faulty("gcc", "jit") as process:
        assert codes("--check=jit-memory", process.pid) == {"jit-memory"}
        assert codes("--check=-jit-memory", process.pid) == set()
        assert codes("--check=no-pie,jit-memory,-jit-memory", process.pid) == set()
        run = memmap("--check=jit-memoy", process.pid, text=True)
        assert run.returncode == 2 and "did you mean 'jit-memory'?" in run.stderr


@pytest.mark.parametrize(("fault", "words"), [("text", "3 bytes of its code differ from"),
                                              ("text-byte", "1 byte of its code differs from")])
def test_written_bytes_are_counted(fault, words):
    with faulty("gcc", fault) as process:
        assert found("text-written", process.pid)["text"].startswith(words)


HUGE_TEXT = """
import mmap, re, struct, sys
size = 64 << 40
with open(sys.argv[1], "wb+") as file:
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\\x7fELF\\2\\1\\1", 3, 62, 1, 0, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    file.write(header + struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, size, size, 4096))
    file.truncate(size)
    code = mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb+", buffering=0) as memory:
    memory.seek(int(re.search("(.*?)-.* " + sys.argv[1], maps.read())[1], 16) + size - 4096)
    memory.write(b"x")
print("READY", flush=True)
sys.stdin.read()
"""


def test_written_page_of_huge_code():
    """64 TB of a sparse file, one page of which was written to, take no longer than this page does."""
    with tempfile.NamedTemporaryFile(dir="/dev/shm") as file, \
            Process([need("python3"), "-c", HUGE_TEXT, file.name]) as process:
        done = subprocess.run(["sh", "-c", 'ulimit -t 5; exec "$0" --check=text-written "$1"', MEMMAP, str(process.pid)],
                              check=False, capture_output=True, text=True)
    assert done.returncode == 4 and "1 byte of its code differs from" in done.stdout


def test_maker_is_named():
    with faulty("gcc", "jit") as process:
        finding = found("jit-memory", process.pid)
        assert finding["name"] == os.readlink(f"/proc/{process.pid}/exe") and finding["name"] in finding["text"]
        assert finding["region"]["perms"] == "rwxp"


def test_table():
    with faulty("gcc", "stack") as process:
        lines = memmap("--check", process.pid, text=True).stdout.splitlines()
    assert lines[1].split()[:2] == ["SEVERITY", "CODE"] and lines[2].split()[:2] == ["error", "executable-stack"]
    assert lines[3].strip().startswith("1 stack is executable") and lines[-1].startswith("1 error, 0 warnings, ")


def test_several_targets_say_whose():
    with faulty("gcc", "stack") as one, faulty("gcc", "text") as other:
        lines = memmap("--check", "-n", "--severity=error", one.pid, other.pid, text=True).stdout.splitlines()
    rows = [line for line in lines if not line.startswith(" ")]
    assert [row.split()[-2] for row in rows] == [str(one.pid), str(other.pid)]


def test_all_passes_over_the_faultless():
    with faulty("gcc", "none") as none, faulty("gcc", "stack") as stack:
        text = memmap("--check=executable-stack", "-a", text=True).stdout
        assert f"{stack.pid}: " in text and f"\n{none.pid}: " not in "\n" + text


def test_what_is_found_by_name_is_summed_up(tmp_path):
    """Processes without findings are left out, but the last line counts them."""
    name = f"faults{os.getpid()}"
    program = tmp_path / name
    shutil.copy(build("faults.c", "gcc", *HARD), program)
    with Process([program, "none"]), Process([program, "none"]):
        run = memmap("--check=executable-stack", name, text=True)
        assert run.returncode == 0 and run.stdout == "0 errors, 0 warnings, 0 notes in 2 processes\n"
        assert memmap("--check=executable-stack", "-n", name, text=True).stdout == ""
        with Process([program, "stack"]) as stack:
            text = memmap("--check=executable-stack", name, text=True).stdout
            assert text.startswith(f"{stack.pid}: ")
            assert text.endswith("\n1 error, 0 warnings, 0 notes\n\n1 error, 0 warnings, 0 notes in 3 processes\n")
    with Process([program, "none"]):
        text = memmap("--check=executable-stack", name, text=True).stdout
        assert text == "0 errors, 0 warnings, 0 notes in 1 process\n"
    with Process([program, "stack"]):
        text = memmap("--check=executable-stack", name, text=True).stdout
        assert text.endswith("\n\n1 error, 0 warnings, 0 notes\n")


def test_all_is_summed_up():
    text = memmap("--check=mappings-near-limit", "--severity=error", "-a", text=True).stdout
    assert re.fullmatch(r"0 errors, 0 warnings, 0 notes in \d+ process(es)?", text.splitlines()[-1])


def test_raw_columns_are_those_that_are_listed():
    listed = [line.split()[0] for line in memmap("--check", "-H", text=True).stdout.splitlines()]
    with faulty("gcc", "stack") as one, faulty("gcc", "stack") as other:
        for pids, last in ([one.pid], ["NAME", "TEXT", "CURE"]), ([one.pid, other.pid], ["COMMAND", "TEXT", "CURE"]):
            heading, row, *_ = [line.split(" ") for line in memmap("--check", "-r", *pids, text=True).stdout.splitlines()]
            assert set(heading) <= set(listed) and heading[-3:] == last and len(row) == len(heading)


def test_nearly_all_mappings():
    if int(Path("/proc/sys/vm/max_map_count").read_text()) > 200000:
        pytest.skip("a limit on mappings that no test should come near")
    with faulty("gcc", "mappings") as process:
        assert codes(process.pid) == {"mappings-near-limit"}


def test_seals():
    try:
        process = faulty("gcc", "seal")
    except AssertionError:
        pytest.skip("missing: mseal (Linux 6.10)")
    with process:
        assert codes(process.pid) == {"sealed"}


def test_library_makes_stacks_executable(tmp_path):
    library = tmp_path / "library.so"
    subprocess.run(["gcc", "-shared", "-fPIC", "-x", "c", "/dev/null", "-o", library, "-Wl,-z,execstack,-z,now"],
                   check=True)
    # Preloaded: the loader of glibc 2.41 refuses to load such a library into a running program.
    with start("faults.c", variant=("gcc", *HARD), env={**os.environ, "LD_PRELOAD": library}) as process:
        finding = found("executable-stack", process.pid)
    assert finding["name"] == str(library) and "PT_GNU_STACK" in finding["text"]
    assert "noexecstack" in finding["cure"]


def test_readable_is_executable():
    """Relocated data may be executable, as with an old personality(2), and differs from its file: no finding."""
    with start("faults.c", "executable-relro", variant=("gcc", *HARD)) as process:
        assert codes(process.pid) == set()


def test_stack_made_executable():
    """No link option helps against a call to mprotect(2)."""
    with faulty("gcc", "stack") as process:
        assert "PROT_EXEC" in found("executable-stack", process.pid)["cure"]




LOST = """
import ctypes, os, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]

def code(size, prot, flags, fd=-1):
    return libc.mmap(None, size, prot, flags, fd, 0)

def pause():
    print("READY", flush=True)
    sys.stdin.read()
"""
RWX, RX, SHARED, PRIVATE, ANONYMOUS, DONTDUMP = 7, 5, 1, 2, 0x20, 16


def python(text):
    return Process([sys.executable, "-c", LOST + text])


def test_code_that_a_core_file_lacks(tmp_path):
    """Memory that is not in the core file does not count as empty."""
    text = f"at = code(65536, {RWX}, {PRIVATE | ANONYMOUS})\nctypes.memset(at, 0xc3, 65536)\n" \
           f"libc.madvise(at, 65536, {DONTDUMP})\npause()\nos.abort()\n"
    _, core = kernel_core(tmp_path, sys.executable, "-c", LOST + text)
    assert "could not be read" in found("writable-code", core)["text"]


LARGE_HEAP = f"""
libc.sbrk(200 << 20)
at = code(4096, {RWX}, {PRIVATE | ANONYMOUS})
call = ctypes.cast(libc.puts, ctypes.c_void_p).value
ctypes.memmove(at, call.to_bytes(8, sys.byteorder) * 100, 800)
"""


def test_generated_code_and_a_large_heap():
    """Not all of a heap of 200 MB is searched for what keeps track of the code, which is told."""
    with start("untracked_code.c") as process:
        assert "in the part of the heap that was searched" in found("writable-code", process.pid)["text"]


def test_variables_are_searched_before_a_large_heap():
    track = "ctypes.c_void_p.in_dll(libc, 'error_print_progname').value = at\n"
    with python(LARGE_HEAP + track + "pause()\n") as process:
        assert "libc" in found("jit-memory", process.pid)["text"]


def test_library_in_a_memfd_that_is_mapped_twice():
    """One memfd is one finding, however often it is mapped."""
    library = build("library.c", "cc", "-shared", "-fPIC")
    text = f"fd = os.memfd_create('library')\nos.write(fd, open({str(library)!r}, 'rb').read())\n" \
           f"lib = ctypes.CDLL(f'/proc/self/fd/{{fd}}')\ncode(4096, {RX}, {PRIVATE}, fd)\npause()\n"
    with python(text) as process:
        there = [finding for finding in findings(process.pid) if finding["code"] == "memfd-code"]
    assert len(there) == 1


def test_file_that_is_mapped_often(tmp_path):
    """Mapping a file of holes again costs nothing, so memmap limits what it reads in all."""
    if not sees_nameless_files():
        refused("the right to open a memfd (root)")
    text = f"fd = os.memfd_create('holes')\nos.ftruncate(fd, 4 << 20)\n" \
           f"for _ in range(100): code(4 << 20, {RX}, {SHARED}, fd)\npause()\n"
    log = tmp_path / "strace"
    with python(text) as process:
        subprocess.run([need("strace"), "-f", "-qq", "-e", "trace=pread64", "-o", log, MEMMAP, "--check", str(process.pid)],
                       check=False, capture_output=True, env=UNDER_STRACE, timeout=LIMIT)
    sizes = [int(size) for size in re.findall(r"= (\d+)$", log.read_text(errors="replace"), re.M)]
    assert sizes and sum(sizes) < 300 << 20
