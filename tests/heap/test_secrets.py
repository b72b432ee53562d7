# SPDX-License-Identifier: MIT
"""The contents of a program's heap are private: no view shows a byte of them, unless asked to."""
import pytest

from conftest import memmap
from helpers.programs import python
from helpers.users import need_memory

SECRET = b"Zq7!vault~K9"

# Eight blocks that begin with the secret, and that nothing points to. The program's text does not contain the secret.
PLANT = """
secret = bytes(c ^ 1 for c in %r)
blocks = [libc.malloc(1000) for _ in range(8)]
for block in blocks:
    ctypes.memmove(ctypes.c_void_p(block), secret * 50, 50 * len(secret))
result = blocks[0]
del blocks, block
"""

VIEWS = {
    "map": ["--explain"], "heap": ["--heap"], "blocks": ["--blocks"], "leaks": ["--leaks"], "stop": ["--leaks", "--stop"],
    "at": ["--at"], "pages": ["--pages", "--kind", "heap"], "check": ["--check"], "threads": ["--threads"]}


def forms_of(secret):
    """The ways in which a program may print some bytes: as they are, in hexadecimal, or as a machine word."""
    yield secret
    yield secret.hex().encode()
    yield secret[:8].hex(" ").encode()
    yield f"{int.from_bytes(secret[:8], 'little'):x}".encode()
    yield str(int.from_bytes(secret[:8], "little")).encode()


@pytest.fixture(scope="module", name="process")
def fixture_process():
    need_memory()
    libc = "libc.malloc.restype = ctypes.c_void_p\nlibc.malloc.argtypes = [ctypes.c_size_t]\n"
    with python(libc + PLANT % bytes(c ^ 1 for c in SECRET)) as process:
        yield process


@pytest.mark.parametrize("form", [[], ["--json"], ["--output-all"]], ids=["table", "json", "all"])
@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_none_is_shown(process, view, form):
    address = hex(int(process.line))
    result = memmap(*view, *([address] if view == ["--at"] else []), *form, process.pid)
    assert result.returncode in (0, 3, 4), result.stderr
    assert result.stdout
    for shown in forms_of(SECRET):
        assert shown not in result.stdout + result.stderr


def test_shown_if_asked_for(process):
    """--contents shows them once, as bytes and as text; the columns show nothing without the option."""
    address = hex(int(process.line))
    contents = (SECRET * 6)[:64]
    table = memmap("--at", address, "--contents", process.pid).stdout
    shown = [line.split(maxsplit=1) for line in table.splitlines() if any(form in line for form in forms_of(SECRET))]
    assert shown == [[b"CONTENTS", contents.hex().encode()], [b"TEXT", contents]]
    document = memmap("--json", "--at", address, "--contents", process.pid).stdout
    assert document.count(SECRET.hex().encode()) == contents.count(SECRET)
    assert b'"contents": "' + contents.hex().encode() + b'"' in document and SECRET not in document
    blank = memmap("--at", address, "-o", "BLOCK,CONTENTS,TEXT", process.pid).stdout
    assert not any(form in blank for form in forms_of(SECRET))
