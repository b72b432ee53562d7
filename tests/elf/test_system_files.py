# SPDX-License-Identifier: MIT
"""Programs and libraries of this system, which many people have built in many ways."""
from pathlib import Path

from conftest import missing
from helpers.elf_files import check_files

DIRECTORIES = ("/usr/bin", "/usr/sbin", "/usr/lib/x86_64-linux-gnu", "/usr/lib/gcc/x86_64-linux-gnu")
SAMPLE = 200
AT_ONCE = 20


def is_loadable(path):
    """Whether the file is an ELF executable or shared object."""
    with open(path, "rb") as file:
        beginning = file.read(18)
    return beginning[:4] == b"\x7fELF" and beginning[16] in (2, 3)


def sample():
    """The same files each time, from all over the alphabet."""
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
