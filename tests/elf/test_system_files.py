# SPDX-License-Identifier: MIT
"""Programs and libraries that this system has: what many hands have built, in all ways there are."""
from pathlib import Path

from conftest import missing
from helpers.elf_files import check_files

DIRECTORIES = ("/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-linux-gnu")
SAMPLE = 200
AT_ONCE = 20


def is_loadable(path):
    """An ELF file, and an executable or a shared object."""
    with open(path, "rb") as file:
        beginning = file.read(18)
    return beginning[:4] == b"\x7fELF" and beginning[16] in (2, 3)


def sample():
    """The same ones each time, from the whole of the alphabet."""
    found = {file.resolve() for directory in DIRECTORIES for file in Path(directory).rglob("*")
             if file.is_file() and (directory.endswith("bin") or ".so" in file.name)}
    files = sorted(file for file in found if is_loadable(file))
    if len(files) < SAMPLE // 2:
        missing(f"{SAMPLE // 2} programs and libraries: only {len(files)} are installed")
    return files[::max(1, len(files) // SAMPLE)][:SAMPLE]


def test_files_of_this_system():
    files = sample()
    for i in range(0, len(files), AT_ONCE):
        check_files(*files[i:i + AT_ONCE])
