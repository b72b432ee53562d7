# SPDX-License-Identifier: MIT
"""What --leaks finds from outside against what LeakSanitizer and valgrind, inside the same programs, call lost."""
import collections
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import memmap_json, missing, need, need_64_bit
from helpers.programs import build, run, start
from helpers.users import need_memory

PAGE = 4096
MAPPED = 128 << 10  # a block from this size on has a mapping of its own

LOST_IN_C = ["lost", "lists", "pairs", "circles", "mapped", "ended"]
HELD_IN_C = ["held", "inner", "cached", "circles-held", "threads"]
PROGRAMS = {
    "c-gcc": ("leaks.c", "gcc", LOST_IN_C + HELD_IN_C),
    "c-clang": ("leaks.c", "clang", LOST_IN_C + HELD_IN_C),
    "cc-gcc": ("lost_objects.cc", "g++", []),
    "cc-clang": ("lost_objects.cc", "clang++", []),
}


def block_size(size):
    """What malloc makes of a request, with its header."""
    unit = PAGE if size >= MAPPED else 16
    return max(32, -(-(size + (16 if size >= MAPPED else 8)) // unit) * unit)


def by_memmap(*args):
    """How many blocks of each size are lost."""
    target = memmap_json("--leaks", *args, status=4)["targets"][0]
    assert target["unsure"] == {"blocks": 0, "bytes": 0}
    lost = collections.Counter()
    for leak in target["leaks"]:
        lost[leak["size"]] += leak["blocks"]
    return lost


def ended(argv, **environment):
    """What a checker writes when the program has ended."""
    done = subprocess.run(argv, check=False, input="", text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env={"PATH": "/usr/bin:/bin", **environment})
    assert done.stdout.splitlines()[-1] == "READY", done.stderr
    return done.stderr


def need_sanitizer(compiler):
    """The library that the compiler links in."""
    library = "liblsan.so" if compiler in ("gcc", "g++") else "libclang_rt.lsan-x86_64.a"
    if not run(need(compiler), f"-print-file-name={library}").startswith("/"):
        missing(f"LeakSanitizer for {compiler} (libclang-rt-dev)")


def by_sanitizer(source, compiler, args):
    need_sanitizer(compiler)
    program = build(source, compiler, "-fsanitize=leak")
    report = ended([program, *args], LSAN_OPTIONS="report_objects=1")
    lost = collections.Counter()
    for size in re.findall(r"^0x[0-9a-f]+ \((\d+) bytes\)$", report, re.M):
        lost[block_size(int(size))] += 1
    assert lost.total() == sum(map(int, re.findall(r"leak of \d+ byte\(s\) in (\d+) object", report))), report
    return lost


WHAT_IS_LOST = re.compile(r"([\d,]+) (?:\(([\d,]+) direct, [\d,]+ indirect\) )?bytes in ([\d,]+) blocks")


def by_valgrind(program, args, folder):
    """What is lost for certain, itself or with what holds it; and what is only possibly lost, as a pointer into its
    middle leads to it."""
    log = folder / "valgrind.xml"
    # The stacks of threads that have ended are kept for others; valgrind takes what is left there for pointers in use.
    # And the loader's own counts of processor cycles may be pointers, too, the more so where addresses are as low as by
    # default: this is the highest that valgrind takes.
    ended([need("valgrind"), "--leak-check=full", "--show-leak-kinds=all", "--leak-resolution=high", "--xml=yes",
           f"--xml-file={log}", "--aspace-minaddr=0x200000000", program, *args],
          GLIBC_TUNABLES="glibc.pthread.stack_cache_size=0")
    kinds = collections.defaultdict(collections.Counter)
    for error in ElementTree.parse(log).findall("error"):
        size, direct, blocks = WHAT_IS_LOST.match(error.findtext("xwhat/text")).groups()
        size, blocks = (int(number.replace(",", "")) for number in (direct or size, blocks))
        assert size % blocks == 0, "each site asks for one size"
        kinds[error.findtext("kind")][block_size(size // blocks)] += blocks
    return kinds["Leak_DefinitelyLost"] + kinds["Leak_IndirectlyLost"], kinds["Leak_PossiblyLost"]


def core_of(process, folder):
    run(need("gcore"), "-o", folder / "core", str(process.pid), stdin=subprocess.DEVNULL)
    core, = folder.glob("core*")
    return core


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_leak_checkers(name, tmp_path):
    """What valgrind calls possibly lost is held, by a pointer into its middle: so take it the sanitizer and memmap."""
    need_64_bit("sizes are those of 64-bit blocks")
    need_memory()
    source, compiler, args = PROGRAMS[name]
    with start(source, *args, variant=(compiler,)) as process:
        stopped = by_memmap("--stop", process.pid)
        dead = by_memmap(core_of(process, tmp_path))
    assert stopped == dead
    assert stopped == by_sanitizer(source, compiler, args)
    # On a busy machine a count of cycles that is an address hides a block. Another run has other counts.
    for _ in range(3):
        definite, possible = by_valgrind(build(source, compiler), args, tmp_path)
        if definite == stopped:
            break
    assert stopped == definite
    assert len(definite) >= 5
    assert len(possible) >= 2 and not possible & definite
