# SPDX-License-Identifier: MIT
"""--leaks finds the same lost blocks from outside as LeakSanitizer and valgrind do inside the same programs."""
import collections
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

from conftest import memmap_json, missing, need, need_64_bit
from helpers.programs import build, run, start
from helpers.users import need_memory

PAGE = 4096
MAPPED = 128 << 10  # a block of this size or more has a mapping of its own

LOST_IN_C = ["lost", "lists", "pairs", "circles", "mapped", "ended"]
HELD_IN_C = ["held", "inner", "cached", "circles-held", "threads"]
PROGRAMS = {
    "c-gcc": ("leaks.c", "gcc", LOST_IN_C + HELD_IN_C),
    "c-clang": ("leaks.c", "clang", LOST_IN_C + HELD_IN_C),
    "cc-gcc": ("lost_objects.cc", "g++", []),
    "cc-clang": ("lost_objects.cc", "clang++", []),
}


def block_size(size):
    """The size of the block that malloc makes for a request, including its header."""
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
    """Requires the LeakSanitizer library that the compiler links in."""
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
    """The blocks that are lost, directly or because their holders are; and those that are only possibly lost: a pointer
    into their middle leads to them."""
    log = folder / "valgrind.xml"
    # glibc caches the stacks of ended threads, and valgrind takes stale pointers there for live ones. The loader's
    # counts of processor cycles may look like pointers, too, most likely to addresses as low as valgrind's default:
    # this is the highest minimum that it takes.
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
    """For memmap and the sanitizer, a pointer into a block's middle holds it; valgrind calls it possibly lost."""
    need_64_bit("sizes are those of 64-bit blocks")
    need_memory()
    source, compiler, args = PROGRAMS[name]
    with start(source, *args, variant=(compiler,)) as process:
        stopped = by_memmap("--stop", process.pid)
        dead = by_memmap(core_of(process, tmp_path))
    assert stopped == dead
    assert stopped == by_sanitizer(source, compiler, args)
    # On a busy machine a cycle count may equal an address and hide a block. Another run has other counts.
    for _ in range(3):
        definite, possible = by_valgrind(build(source, compiler), args, tmp_path)
        if definite == stopped:
            break
    assert stopped == definite
    assert len(definite) >= 5
    assert len(possible) >= 2 and not possible & definite
