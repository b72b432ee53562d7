# SPDX-License-Identifier: MIT
"""--at with -C: the names of C++ and Rust, as nm -C has them."""
import random
import subprocess

import pytest

from conftest import Process, memmap, memmap_json, missing, need
from helpers.programs import PROGRAMS, public_dir

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
    """{name: the same readable} of the program's functions."""
    names = {}
    listings = [subprocess.run([need("nm"), *options, program], check=True, capture_output=True, text=True).stdout
                for options in (["-p"], ["-p", "-C"])]
    for line, readable in zip(*(listing.splitlines() for listing in listings), strict=True):
        name = line.split()[-1]
        if line.split()[-2] in ("t", "T", "W") and name.startswith(("_Z", "_R")):
            names[name] = readable.split(" ", 2)[2]
    # New compilers have names that nm cannot read.
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
        # Of two names of one place memmap may prefer the other.
        assert symbol["offset"] == 0
        assert symbol["demangled"] == names.get(symbol["name"], symbol["demangled"]), name
        assert row.encode().decode("unicode_escape") == symbol["demangled"]
    assert sum(place["symbol"]["name"] == name for name, place in zip(names, target["at"])) > len(names) / 2


def test_names_as_they_are(program, names):
    name = next(iter(names))
    with Process([program]) as process:
        run = memmap("-n", "-r", "-o", "SYMBOL", "--at", f"{program.name}:{name}", process.pid, text=True)
    assert run.stdout.startswith("_")
