# SPDX-License-Identifier: MIT
"""--at with -C: C++ and Rust names, as nm -C shows them."""
import random
import subprocess

import pytest

from conftest import Process, memmap, memmap_json, missing, need
from helpers.programs import PROGRAMS, public_dir, start
from helpers.vocabulary import has_demangle

BUILDS = {
    "C++": ("c++", "names.cc", []),
    "Rust": ("rustc", "names.rs", []),
    "Rust v0": ("rustc", "names.rs", ["-C", "symbol-mangling-version=v0"]),
}
SAMPLE = 400


@pytest.fixture(name="program", scope="module", params=BUILDS.values(), ids=BUILDS.keys())
def fixture_program(request):
    compiler, source, options = request.param
    output = public_dir() / f"names-{compiler}-{len(options)}"
    subprocess.run([need(compiler), *options, "-o", output, PROGRAMS / source], check=True)
    return output


@pytest.fixture(name="names", scope="module")
def fixture_names(program):
    """{mangled name: demangled name} of the program's functions."""
    names = {}
    listings = [subprocess.run([need("nm"), *options, program], check=True, capture_output=True, text=True).stdout
                for options in (["-p"], ["-p", "-C"])]
    for line, readable in zip(*(listing.splitlines() for listing in listings), strict=True):
        name = line.split()[-1]
        if line.split()[-2] in ("t", "T", "W") and name.startswith(("_Z", "_R")):
            names[name] = readable.split(" ", 2)[2]
    # New compilers write names that nm cannot demangle.
    names = {name: readable for name, readable in names.items() if readable != name}
    assert len(names) > 30 and all("_Z" not in readable for readable in names.values())
    return dict(random.Random(0).sample(sorted(names.items()), min(SAMPLE, len(names))))


def test_names(program, names):
    queries = [word for name in names for word in ("--at", f"{program.name}:{name}")]
    with Process([program]) as process:
        target, = memmap_json(*queries, process.pid)["targets"]
        rows = memmap("-C", "-b", "-n", "-r", "-o", "SYMBOL", *queries, process.pid, text=True).stdout.splitlines()
    if all(place["symbol"]["demangled"] is None for place in target["at"]):
        missing("libiberty, in this build of memmap (libiberty-dev)")
    for name, place, row in zip(names, target["at"], rows, strict=True):
        symbol = place["symbol"]
        # If an address has two names, memmap may prefer the other one.
        assert symbol["offset"] == 0
        assert symbol["demangled"] == names.get(symbol["name"], symbol["demangled"]), name
        assert row.encode().decode("unicode_escape") == symbol["demangled"]
    assert sum(place["symbol"]["name"] == name for name, place in zip(names, target["at"])) > len(names) / 2


def test_names_as_they_are(program, names):
    name = next(iter(names))
    with Process([program]) as process:
        run = memmap("-n", "-r", "-o", "SYMBOL", "--at", f"{program.name}:{name}", process.pid, text=True)
    assert run.stdout.startswith("_")


@pytest.mark.skipif(not has_demangle(), reason="this build cannot make names readable")
def test_readable_queries(program, names):
    """--at accepts demangled names."""
    addresses = {}
    for line in subprocess.run([need("nm"), "-C", program], check=True, capture_output=True, text=True).stdout.splitlines():
        value, _, readable = line[:16], *line[17:].split(" ", 1)
        addresses.setdefault(readable, set()).add(value.lstrip("0"))
    wanted = sorted(set(names.values()))[::8]
    queries = [word for name in wanted for word in ("--at", f"{program.name}:{name}")]
    with Process([program]) as process:
        found = memmap("-n", "-r", "-o", "ELFADDRESS", *queries, process.pid, text=True).stdout.split()
    assert [name for name, address in zip(wanted, found, strict=True) if address not in addresses[name]] == []


@pytest.mark.skipif(not has_demangle(), reason="this build cannot make names readable")
def test_readable_query_without_parameters():
    with start("classes.cc", variant=("g++", "-O0")) as process:
        whole, short, none = memmap_json("--at", "net::Connection::~Connection()", "--at", "net::Connection::~Connection",
                                         "--at", "net::Connection::~Conn", process.pid, status=3)["targets"][0]["at"]
    assert whole["symbol"]["demangled"] == short["symbol"]["demangled"] == "net::Connection::~Connection()"
    assert none["address"] is None
